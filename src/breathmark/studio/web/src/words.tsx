/** The script as a page of prose: sentences to type in, pauses as pills, everything else as cards. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Data, KeyPath, Outline, OutlinedText, Piece, Range } from "./api";
import { keepDraft, keptDraft } from "./drafts";
import { difference } from "./editor";
import { edit, editor, notice, outline, path as file, project, step, tryEdit, view } from "./state";

/** How long until what the studio did not take is sent again. */
const AGAIN_MS = 2000;

type Mapping = { [key: string]: Data };

const KINDS = ["opening", "teach", "anchor", "practice", "resource", "evoke", "silence", "ground", "close", "tail"];
const SHAPES: Record<string, string> = {
  say: "Words", bell: "Bell", silence: "Silence", breathe: "Guided breath", repeat: "Repeat", include: "Part of another file",
};
const BREATH = { in: "Breathe in", hold: "Hold", out: "Breathe out", rest: "Rest", rounds: "Rounds", cue: "Cue" };
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
  if (!found) return <p class="quiet">The script can’t be read as it is. <em>Source</em> shows what is wrong.</p>;
  const top = found.segments.filter(([path]) => path.length === 2);
  return (
    <article class="page" aria-label="The script" onKeyDown={undoKeys}>
      <Field path={["title"]} label="Title" />
      <Field path={["summary"]} label="Summary" placeholder="One sentence for listeners" />
      <div class="row">
        <Field path={["length"]} label="Length" placeholder="5m..10m..30m" />
        <Field path={["language"]} label="Language" placeholder="en" />
        <Field path={["level"]} label="Level" placeholder="beginner" list={["beginner", "intermediate", "advanced"]} />
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
          <button aria-label={`Remove ${name}`} disabled={count === 1} onClick={() => edit(() => ({ op: "remove", path }))}>×</button>
        </span>
      </header>
      {more && <Settings path={path} data={data} />}
      {spoken && <Spoken text={spoken} raw={text(data.say)} name={name} />}
      {shape === "bell" && <Field path={[...path, "bell"]} label="Bell" placeholder="singing-bowl" />}
      {shape === "silence" && <Field path={[...path, "silence"]} label="How long" placeholder="20s..60s..3m" />}
      {shape === "breathe" && Object.entries(BREATH).map(([key, label]) =>
        <Field key={key} path={[...path, "breathe", key]} label={label} list={key === "cue" ? ["voice", "count", "tone", "none"] : undefined} />)}
      {shape === "include" && <p class="quiet">From <code>{text(data.include)}</code>; edit it there.</p>}
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
      <Field path={[...path, "when"]} label="Only if" placeholder='name != ""' />
      {optional
        ? <Field path={[...path, "optional", "from"]} label="Only from" placeholder="8m" />
        : "include" in data ? null : <button onClick={() => edit(() => ({ op: "set", path: [...path, "optional"], value: { from: "8m", priority: "1" } }))}>Only in longer sessions</button>}
      {optional && <button onClick={() => edit(() => ({ op: "remove", path: [...path, "optional"] }))}>At every length</button>}
      <Adder list={path.slice(0, -1)} number={(path[path.length - 1] as number) + 1} label="Add after this" />
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
  /** What the script had when it was shown or last changed from here: what differs from it was typed and is not saved yet. */
  const base = useRef("");
  const latest = useRef({ spoken, raw });
  latest.current = { spoken, raw };
  const [pill, setPill] = useState<OpenPause | null>(null);

  const place = [project.value?.folder ?? "", file.value, ...spoken.path.map(String)];
  const typed = () => plain(element.current ? written(element.current) : "");
  const redraw = () => {
    if (!element.current) return;
    draw(element.current, latest.current.spoken.pieces, latest.current.raw, setPill);
    base.current = plain(latest.current.raw);
  };
  useEffect(() => {
    if (typed() !== base.current || (document.activeElement === element.current && base.current === plain(raw))) return;
    redraw();
  }, [raw, spoken]);

  /** Give the script what was typed; while the studio is away, again and again. Where nobody types on, show what the script has. */
  const commit = async (): Promise<void> => {
    clearTimeout(timer.current);
    if (!element.current) return;
    const now = typed();
    let found = base.current;
    const done = await tryEdit((outlined) => {
      const say = at(outlined.data, spoken.path);
      if (typeof say !== "string") return null;
      found = plain(say);
      if (found === now) return null;
      if (found !== base.current) { tell(now); return null; }
      return { op: "text", path: spoken.path, ...difference(found, now) };
    });
    if (done === "later") {
      keepDraft(place, { text: now, over: base.current });
      timer.current = window.setTimeout(() => void commit(), AGAIN_MS);
      return;
    }
    base.current = done === "done" ? now : found;
    if (element.current && typed() !== now) return;
    keepDraft(place, null);
    if (document.activeElement !== element.current) redraw();
  };
  const tell = (words: string) => {
    notice.value = { message: `What you typed last in ${name} was not saved, because its text was changed elsewhere.`, hint: `You typed: ${words}` };
  };
  useEffect(() => {
    const node = element.current;
    const draft = keptDraft(place);
    if (!node || !draft) return;
    base.current = draft.over;
    node.textContent = draft.text;
    void commit();
  }, []);
  const input = () => {
    keepDraft(place, { text: typed(), over: base.current });
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void commit(), 400);
  };
  const caret = useRef(0);
  /** A caret inside of a pill, where End puts it, takes no key: before the next one, it is moved on to where it was going. */
  const leavePill = () => {
    const selection = document.getSelection();
    const node = element.current;
    if (!node || document.activeElement !== node || !selection?.focusNode) return;
    const holder = selection.focusNode instanceof Element ? selection.focusNode : selection.focusNode.parentElement;
    const pill = holder?.closest<HTMLElement>(".pill");
    if (pill && node.contains(pill)) {
      const place = [...node.childNodes].indexOf(pill) + (caret.current > before(node, pill) ? 0 : 1);
      if (selection.isCollapsed) selection.collapse(node, place);
      else selection.extend(node, place);
    }
    const range = document.createRange();
    range.setStart(node, 0);
    range.setEnd(selection.focusNode, selection.focusOffset);
    caret.current = written(range.cloneContents()).length;
  };
  useEffect(() => {
    document.addEventListener("selectionchange", leavePill);
    return () => document.removeEventListener("selectionchange", leavePill);
  }, []);
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
        onInput={input} onKeyDown={leavePill}
        onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) void commit(); }} />
      <button class="insert" aria-label={`Add a pause to ${name}`} onMouseDown={(event) => event.preventDefault()} onClick={addPause}>+ Pause</button>
      {pill && <PauseEditor key={pill.start} pause={pill} path={spoken.path} close={() => { setPill(null); element.current?.focus(); }} />}
    </>
  );
}

/** Words to compare: browsers put in spaces that don't break, and the last line's end is the file's. */
const plain = (words: string) => words.replace(/\u00a0/g, " ").trimEnd();

/** A pause that is being set: where its characters begin in the words as they were when it was opened. */
interface OpenPause { start: number; written: string; range: Range | null }

function draw(node: HTMLElement, pieces: Piece[], raw: string, openPill: (pause: OpenPause) => void) {
  node.replaceChildren();
  const end = raw.trimEnd().length;
  for (const piece of pieces) {
    const to = Math.min(piece.end, end);
    if (piece.start >= to) continue;
    const own = raw.slice(piece.start, to);
    if (piece.kind === "words") { node.append(own); continue; }
    const pill = document.createElement("button");
    pill.className = `pill ${piece.kind}`;
    pill.contentEditable = "false";
    pill.dataset.raw = own;
    pill.textContent = shown(piece, own);
    pill.setAttribute("aria-label", spokenName(piece, own));
    pill.title = piece.hint || piece.label || own;
    if (piece.kind === "pause") pill.addEventListener("click", () => openPill({ start: before(node, pill), written: own, range: piece.range }));
    node.append(pill);
  }
}

/** How many characters of the words come before a pill, also where some were typed since it was drawn. */
function before(node: HTMLElement, pill: HTMLElement): number {
  const range = document.createRange();
  range.setStart(node, 0);
  range.setEndBefore(pill);
  return written(range.cloneContents()).length;
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
  return found;
}

function PauseEditor({ pause, path, close }: { pause: OpenPause; path: KeyPath; close: () => void }) {
  const range = pause.range ?? { min_s: 3, ideal_s: 5, max_s: 10 };
  const [values, setValues] = useState([range.min_s, range.ideal_s, range.max_s]);
  const put = (marker: string) => {
    const end = pause.start + pause.written.length;
    void edit((now) => {
      if (text(at(now.data, path)).slice(pause.start, end) === pause.written) return { op: "text", path, start: pause.start, end, text: marker };
      notice.value = { message: "This pause is at another place now.", hint: "Open it there." };
      return null;
    }).then(close);
  };
  const save = () => {
    const [least, ideal, most] = [...values].sort((a, b) => a - b);
    put(`[pause ${least}s..${ideal}s..${most}s]`);
  };
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
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
      <button onClick={() => put("")}>Remove</button>
      <button onClick={close}>Cancel</button>
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
