/** The script as a page of prose: sentences to type in, pauses as pills, everything else as cards. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Data, KeyPath, Outline, OutlinedText, Piece } from "./api";
import { type Draft, keepDraft, keptDraft } from "./drafts";
import { difference } from "./editor";
import { edit, editor, notice, outline, path as file, project, step, tryEdit, view } from "./state";

/** How long until what the studio did not take is sent again. */
const AGAIN_MS = 2000;

type Mapping = { [key: string]: Data };

const KINDS = ["opening", "teach", "anchor", "practice", "resource", "evoke", "silence", "ground", "close", "tail"];
const SHAPES: Record<string, string> = {
  say: "Words", bell: "Bell", silence: "Silence", breathe: "Guided breath", repeat: "Repeat", include: "Part of another file",
};
const NEW: Record<string, Mapping> = {
  say: { title: "New part", say: "Write here what is to be said. [pause 5s]\n" },
  bell: { bell: "singing-bowl" },
  silence: { silence: "20s..60s..3m" },
  breathe: { breathe: { in: "4s", out: "6s", rounds: "3..6..12", cue: "voice" } },
};

export function at(data: Data | undefined, path: KeyPath): Data | undefined {
  return path.reduce<Data | undefined>((inner, step) => (inner as Mapping | undefined)?.[step as string], data);
}

const text = (value: Data | undefined): string => (typeof value === "string" ? value : "");

/** A line of text that becomes the value of a key when one leaves it; an empty one takes the key away. */
export function Field({ path, label, placeholder = "", list }: { path: KeyPath; label: string; placeholder?: string; list?: string[] }) {
  const now = text(at(outline.value?.data, path));
  const save = (input: HTMLInputElement | HTMLSelectElement) => {
    const value = input.value.trim();
    if (value === now.trim()) return;
    void edit(() => (value ? { op: "set", path, value } : { op: "remove", path })).then((done) => { if (!done) input.value = now; });
  };
  if (list) {
    return (
      <label class="field"><span>{label}</span>
        <select value={now} onChange={(event) => save(event.currentTarget)}>
          <option value="">{placeholder}</option>
          {list.map((each) => <option key={each}>{each}</option>)}
        </select>
      </label>
    );
  }
  return (
    <label class="field"><span>{label}</span>
      <input value={now} placeholder={placeholder} onBlur={(event) => save(event.currentTarget)}
        onKeyDown={(event) => { if (event.key === "Enter") event.currentTarget.blur(); }} />
    </label>
  );
}

export function Words() {
  const found = outline.value;
  if (!found) return <p class="quiet">The source can’t be read as it stands: see what is wrong in <em>Source</em>.</p>;
  const top = found.segments.filter(([path]) => path.length === 2);
  return (
    <article class="page" aria-label="The script" onKeyDown={undoKeys}>
      <Field path={["title"]} label="Title" />
      <Field path={["summary"]} label="Summary" placeholder="One sentence for listeners" />
      <div class="row">
        <Field path={["length"]} label="Length" placeholder="5m..10m..30m" />
        <Field path={["language"]} label="Language" placeholder="en" />
        <Field path={["level"]} label="For" placeholder="beginner" list={["beginner", "intermediate", "advanced"]} />
      </div>
      {top.map(([path]) => <Segment key={path.join(".")} path={path} outline={found} />)}
      <Adder list={["segments"]} number={top.length} />
    </article>
  );
}

function undoKeys(event: KeyboardEvent) {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  (document.activeElement as HTMLElement | null)?.blur();
  void step(!event.shiftKey);
}

function Segment({ path, outline: found }: { path: KeyPath; outline: Outline }) {
  const data = at(found.data, path) as Mapping;
  const shape = Object.keys(SHAPES).find((key) => key in data) ?? "";
  const list = path.slice(0, -1);
  const number = path[path.length - 1] as number;
  const count = (at(found.data, list) as Data[]).length;
  const name = text(data.title) || SHAPES[shape] || "Segment";
  const spoken = found.texts.find((each) => each.path.join() === [...path, "say"].join());
  const [more, setMore] = useState(false);
  const move = (to: number) => edit(() => ({ op: "move", path, to: [...list, to] }));
  return (
    <section class={`segment ${shape}`} aria-label={name}>
      <header>
        {shape === "say" || data.title ? <Field path={[...path, "title"]} label="Title" placeholder="Untitled" /> : <strong>{SHAPES[shape]}</strong>}
        <span class="tools">
          <button aria-label={`Move ${name} up`} disabled={!number} onClick={() => move(number - 1)}>↑</button>
          <button aria-label={`Move ${name} down`} disabled={number + 1 === count} onClick={() => move(number + 2)}>↓</button>
          <button aria-label={`Settings of ${name}`} aria-expanded={more} onClick={() => setMore(!more)}>⋯</button>
          <button aria-label={`Take ${name} out`} disabled={count === 1} onClick={() => edit(() => ({ op: "remove", path }))}>×</button>
        </span>
      </header>
      {more && <Settings path={path} data={data} />}
      {spoken && <Spoken text={spoken} raw={text(data.say)} name={name} />}
      {shape === "bell" && <Field path={[...path, "bell"]} label="Bell" placeholder="singing-bowl" />}
      {shape === "silence" && <Field path={[...path, "silence"]} label="How long" placeholder="20s..60s..3m" />}
      {shape === "breathe" && ["in", "hold", "out", "rest", "rounds", "cue"].map((key) =>
        <Field key={key} path={[...path, "breathe", key]} label={key} list={key === "cue" ? ["voice", "count", "tone", "none"] : undefined} />)}
      {shape === "include" && <p class="quiet">From <code>{text(data.include)}</code>; it is changed in that file.</p>}
      {shape === "repeat" && (
        <div class="inner">
          <Field path={[...path, "repeat"]} label="Rounds" placeholder="1..3..6" />
          {(data.segments as Data[]).map((_, each) => <Segment key={each} path={[...path, "segments", each]} outline={found} />)}
          <Adder list={[...path, "segments"]} number={(data.segments as Data[]).length} />
        </div>
      )}
    </section>
  );
}

function Settings({ path, data }: { path: KeyPath; data: Mapping }) {
  const optional = data.optional as Mapping | undefined;
  return (
    <div class="row settings">
      <Field path={[...path, "kind"]} label="Kind" placeholder="practice" list={KINDS} />
      <Field path={[...path, "when"]} label="Only when" placeholder='name != ""' />
      {optional
        ? <Field path={[...path, "optional", "from"]} label="Only from" placeholder="8m" />
        : "include" in data ? null : <button onClick={() => edit(() => ({ op: "set", path: [...path, "optional"], value: { from: "8m", priority: "1" } }))}>Only in longer sessions</button>}
      {optional && <button onClick={() => edit(() => ({ op: "remove", path: [...path, "optional"] }))}>At every length</button>}
      <Adder list={path.slice(0, -1)} number={(path[path.length - 1] as number) + 1} label="Add behind this" />
    </div>
  );
}

function Adder({ list, number, label = "Add at the end" }: { list: KeyPath; number: number; label?: string }) {
  const add = (shape: string) => edit(() => ({ op: "insert", path: [...list, number], value: NEW[shape] }));
  return (
    <div class="adder" role="group" aria-label={label}>
      {Object.keys(NEW).map((shape) => <button key={shape} onClick={() => void add(shape)}>+ {SHAPES[shape]}</button>)}
    </div>
  );
}

/**
 * The words of a segment, to type in. While it has the focus the browser owns what is in it; after a moment without a
 * key, its text goes to the script. Pills and tags are part of the text, and one key takes one away.
 */
function Spoken({ text: spoken, raw, name }: { text: OutlinedText; raw: string; name: string }) {
  const element = useRef<HTMLDivElement>(null);
  const timer = useRef(0);
  const sent = useRef("");
  /** What the studio was not there to take; it is sent again, unless the text is another by then. */
  const unsaved = useRef<Draft | null>(null);
  /** Whether something was typed that is not sent yet: drawing the words anew would lose it. */
  const waiting = useRef(false);
  const latest = useRef({ spoken, raw });
  latest.current = { spoken, raw };
  const [pill, setPill] = useState<Piece | null>(null);

  const place = [project.value?.folder ?? "", file.value, ...spoken.path.map(String)];
  const redraw = () => { if (element.current) draw(element.current, latest.current.spoken.pieces, latest.current.raw, setPill); };
  useEffect(() => {
    const node = element.current;
    if (unsaved.current || waiting.current) return;
    if (node && document.activeElement === node && (sent.current === raw.trimEnd() || written(node).trimEnd() === raw.trimEnd())) return;
    redraw();
  }, [raw, spoken]);

  const commit = async (): Promise<void> => {
    clearTimeout(timer.current);
    const node = element.current;
    if (!node) return;
    const now = written(node).trimEnd();
    let over = unsaved.current?.over;
    const done = await tryEdit((outlined) => {
      const say = at(outlined.data, spoken.path);
      if (typeof say !== "string" || say.trimEnd() === now) return null;
      over ??= say.trimEnd();
      if (over !== say.trimEnd()) { tell(now); return null; }
      sent.current = now;
      return { op: "text", path: spoken.path, ...difference(over, now) };
    });
    unsaved.current = done === "later" ? { text: now, over: over ?? latest.current.raw.trimEnd() } : null;
    waiting.current = element.current !== null && written(element.current).trimEnd() !== now;
    if (!waiting.current) keepDraft(place, unsaved.current);
    if (unsaved.current) timer.current = window.setTimeout(() => void commit().then(rest), AGAIN_MS);
  };
  /** Show the words as the script has them, where nobody types and nothing waits for the studio. */
  const rest = () => { if (!unsaved.current && document.activeElement !== element.current) redraw(); };
  const tell = (words: string) => {
    notice.value = { message: `What was typed last in ${name} was not saved, and it is another text now.`, hint: `It was: ${words}` };
  };
  useEffect(() => {
    const node = element.current;
    const draft = keptDraft(place);
    if (!node || !draft) return;
    if (draft.text === raw.trimEnd()) {
      keepDraft(place, null);
      return;
    }
    unsaved.current = draft;
    node.textContent = draft.text;
    void commit().then(rest);
  }, []);
  const typed = () => {
    waiting.current = true;
    if (element.current) keepDraft(place, { text: written(element.current).trimEnd(), over: latest.current.raw.trimEnd() });
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void commit(), 400);
  };
  const addPause = () => {
    const node = element.current;
    const selection = document.getSelection();
    if (!node || !selection) return;
    if (!selection.anchorNode || !node.contains(selection.anchorNode)) {
      selection.selectAllChildren(node);
      selection.collapseToEnd();
    }
    const range = selection.getRangeAt(0);
    range.collapse(false);
    const inside = (range.endContainer instanceof Element ? range.endContainer : range.endContainer.parentElement)?.closest(".pill");
    if (inside) range.setStartAfter(inside);
    range.insertNode(document.createTextNode(" [pause 5s] "));
    node.blur();
    void commit();
  };
  return (
    <>
      <div ref={element} class="text" contentEditable="plaintext-only" role="textbox" aria-multiline="true" aria-label={`Words of ${name}`} spellcheck
        onInput={typed}
        onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) void commit().then(rest); }} />
      <button class="insert" aria-label={`Add a pause to ${name}`} onMouseDown={(event) => event.preventDefault()} onClick={addPause}>+ Pause</button>
      {pill && <PauseEditor key={pill.start} piece={pill} path={spoken.path} close={() => { setPill(null); element.current?.focus(); }} />}
    </>
  );
}

function draw(node: HTMLElement, pieces: Piece[], raw: string, openPill: (piece: Piece) => void) {
  node.replaceChildren();
  const end = raw.trimEnd().length;
  for (const piece of pieces) {
    const to = Math.min(piece.end, end);
    if (piece.start >= to) continue;
    const written = raw.slice(piece.start, to);
    if (piece.kind === "words") { node.append(written); continue; }
    const pill = document.createElement("button");
    pill.className = `pill ${piece.kind}`;
    pill.contentEditable = "false";
    pill.dataset.raw = written;
    pill.textContent = shown(piece, written);
    pill.setAttribute("aria-label", spokenName(piece, written));
    pill.title = piece.hint || piece.label || written;
    if (piece.kind === "pause") pill.addEventListener("click", () => openPill(piece));
    node.append(pill);
  }
}

const seconds = (value: number) => (value >= 60 && value % 30 === 0 ? `${value / 60} min` : `${Math.round(value * 10) / 10} s`);

function shown(piece: Piece, written: string): string {
  if (piece.kind === "pause") return piece.range ? seconds(piece.range.ideal_s) : piece.label;
  if (piece.kind === "bell") return `🔔 ${piece.label}`;
  return written.replace(/^\[|\]$/g, "");
}

function spokenName(piece: Piece, written: string): string {
  if (piece.kind === "pause" && piece.range) {
    const { min_s, ideal_s, max_s } = piece.range;
    return `Pause of about ${seconds(ideal_s)}, from ${seconds(min_s)} to ${seconds(max_s)}`;
  }
  if (piece.kind === "pause") return `Pause: ${piece.label}`;
  return piece.kind === "fault" ? `${written}: ${piece.label}` : `${piece.kind.replace("_", " ")}: ${written}`;
}

/** The words as they are in the script. */
export function written(node: Node): string {
  let found = "";
  for (const child of node.childNodes) {
    if (child instanceof HTMLElement && child.dataset.raw !== undefined) found += child.dataset.raw;
    else if (child instanceof HTMLBRElement) found += "\n";
    else if (child.nodeType === Node.TEXT_NODE) found += child.textContent ?? "";
    else found += written(child);
  }
  return found.replace(/\u00a0/g, " ");
}

function PauseEditor({ piece, path, close }: { piece: Piece; path: KeyPath; close: () => void }) {
  const range = piece.range ?? { min_s: 3, ideal_s: 5, max_s: 10 };
  const [values, setValues] = useState([range.min_s, range.ideal_s, range.max_s]);
  const save = () => {
    const [least, ideal, most] = [...values].sort((a, b) => a - b);
    const marker = `[pause ${least}s..${ideal}s..${most}s]`;
    void edit(() => ({ op: "text", path, start: piece.start, end: piece.end, text: marker })).then(close);
  };
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const remove = () => void edit(() => ({ op: "text", path, start: piece.start, end: piece.end, text: "" })).then(close);
  return (
    <div class="popover" role="dialog" aria-label="Pause"
      onKeyDown={(event) => { if (event.key === "Escape") close(); else if (event.key === "Enter" && event.target instanceof HTMLInputElement) save(); }}>
      {["At least", "About", "At most"].map((label, each) => (
        <label key={label} class="field"><span>{label}</span>
          <input ref={each === 1 ? first : undefined} type="number" min="0.1" max="3600" step="0.5" value={values[each]}
            onInput={(event) => setValues(values.map((old, other) => (other === each ? Number(event.currentTarget.value) : old)))} />
        </label>
      ))}
      <button class="main" onClick={save}>Set</button>
      <button onClick={remove}>Take out</button>
      <button onClick={close}>Leave</button>
    </div>
  );
}

export function Source() {
  const holder = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    holder.current?.append(editor.view.dom);
    editor.view.requestMeasure();
    return () => editor.view.dom.remove();
  }, [view.value]);
  return <div class="source" ref={holder} />;
}
