/** The script's text: one CodeMirror document, whose history is the undo of every view. */

import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, redo, undo } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Transaction } from "@codemirror/state";
import { Decoration, EditorView, MatchDecorator, ViewPlugin, type ViewUpdate, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { Change, Problem } from "./api";
import { complete } from "./completion";
import { fixOf } from "./fixes";

const marks = new MatchDecorator({
  regexp: /\[[^\]\n]*\]|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}/g,
  decoration: (match) => Decoration.mark({ class: match[0].startsWith("[") ? "marker" : "tag" }),
});
const coloured = ViewPlugin.fromClass(
  class {
    decorations;
    constructor(view: EditorView) { this.decorations = marks.createDeco(view); }
    update(update: ViewUpdate) { this.decorations = marks.updateDeco(update, this.decorations); }
  },
  { decorations: (plugin) => plugin.decorations },
);

const colours = EditorView.theme({
  "&": { backgroundColor: "var(--card)", color: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  ".cm-content": { caretColor: "var(--ink)", fontFamily: "ui-monospace, monospace" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--pill)" },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--ink)", borderColor: "var(--line)" },
});

/** The one change between two texts: what is between their common beginning and their common end. */
export function difference(old: string, text: string): Change {
  const most = Math.min(old.length, text.length);
  let start = 0;
  while (start < most && old[start] === text[start]) start++;
  let behind = 0;
  while (behind < most - start && old[old.length - 1 - behind] === text[text.length - 1 - behind]) behind++;
  return { start, end: old.length - behind, text: text.slice(start, text.length - behind) };
}

export class Editor {
  readonly view: EditorView;

  constructor(private readonly changed: () => void) {
    this.view = new EditorView({ state: this.state("") });
  }

  private state(text: string): EditorState {
    const nonce = document.querySelector<HTMLMetaElement>("meta[name=nonce]")?.content ?? "";
    return EditorState.create({
      doc: text,
      extensions: [
        EditorView.cspNonce.of(nonce),
        lineNumbers(), lintGutter(), history(), bracketMatching(), yaml(), indentUnit.of("  "), coloured,
        syntaxHighlighting(classHighlighter), colours, EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "The script as YAML" }),
        autocompletion({ override: [complete], icons: false }),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorView.updateListener.of((update) => { if (update.docChanged) this.changed(); }),
      ],
    });
  }

  get text(): string { return this.view.state.doc.toString(); }

  /** Another file: nothing of the one before can be undone into it. */
  replace(text: string): void { this.view.setState(this.state(text)); }

  apply(changes: Change[]): void {
    this.view.dispatch({
      changes: changes.map((each) => ({ from: each.start, to: each.end, insert: each.text })),
      annotations: Transaction.userEvent.of("input.words"),
    });
  }

  undo(): void { undo(this.view); }
  redo(): void { redo(this.view); }

  /** Underline what was found, at its place. */
  show(problems: Problem[]): void {
    const doc = this.view.state.doc;
    const found: Diagnostic[] = problems.map((each) => {
      const line = doc.line(Math.min(Math.max(each.line, 1), doc.lines));
      const from = Math.min(line.from + each.column - 1, line.to);
      const message = each.hint ? `${each.message}\n${each.hint}` : each.message;
      const fix = fixOf(each, doc.toString());
      const actions = fix ? [{ name: `Write ${fix.text}`, apply: () => this.apply([fix]) }] : [];
      return { from, to: Math.max(line.to, from), severity: each.severity, message, actions };
    });
    this.view.dispatch(setDiagnostics(this.view.state, found));
  }

  /** Show a place, counted from 1, and put the cursor there. */
  go(line: number, column: number): void {
    const found = this.view.state.doc.line(Math.min(line, this.view.state.doc.lines));
    const at = Math.min(found.from + column - 1, found.to);
    this.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.view.focus();
  }
}
