/** What the page knows: the open script, what was found about it, the choices, the jobs. */

import { computed, effect, signal } from "@preact/signals";
import * as api from "./api";
import { type Draft, keepDraft, keptDraft } from "./drafts";
import { difference, Editor } from "./editor";

export type View = "words" | "source" | "time" | "listen" | "record" | "finish";

export const project = signal<api.Project | null>(null);
export const path = signal("");
export const view = signal<View>("words");
export const outline = signal<api.Outline | null>(null);
export const checked = signal<api.Checked | null>(null);
export const choices = signal<api.Choices>({});
export const guess = signal<api.Plan | null>(null);
/** The session laid out to the frame, of the text and the choices as they are; null while it is not. */
export const exact = signal<api.Plan | null>(null);
export const saving = signal<"saved" | "changed" | "saving" | "conflict">("saved");
/** Why there is no time for the script as it is; empty where there is one, or none is known yet. */
export const untimely = signal("");
export const notice = signal<{ message: string; hint: string } | null>(null);
/** What the voice is doing; empty where nobody waits for it. */
export const busy = signal("");
/** How much of that is done, from 0 to 1; null where the studio does not say. */
export const spokenShare = signal<number | null>(null);
/** What is known of each script of the folder, by its path. */
export const states = signal<Record<string, api.State>>({});
export const jobs = signal<api.Job[]>([]);

export const faults = computed(() => checked.value?.problems.filter((each) => each.severity === "error") ?? []);
export const editor = new Editor(textChanged);

let mark = "";
let saveTimer = 0;
let lookTimer = 0;
let conflict = "";
let outlined = "";

const AWAY = { message: "The studio is not answering.", hint: "Is it still running in the terminal? What you type here is kept until it is back." };
const RESTARTED = { message: "The studio was restarted.", hint: "Open the address that it printed in the terminal. This page then carries on, with what you typed." };

export function report(error: unknown): void {
  if (!(error instanceof api.Refused)) notice.value = AWAY;
  else notice.value = error.status === 403 ? RESTARTED : { message: error.message, hint: error.hint };
}

const place = (file: string) => [project.value?.folder ?? "", file];

/** When the studio answers again, what was said of that is settled, and what was typed meanwhile is read. */
effect(() => {
  if (!api.answering.value || (notice.peek() !== AWAY && notice.peek() !== RESTARTED)) return;
  notice.value = null;
  if (path.peek()) void look();
});

/** Bring back what was typed and not saved when the studio or the page ended; where the file is another now, ask. */
function bringBack(draft: Draft | null, found: string): void {
  if (!draft) return;
  if (draft.text === found) {
    keepDraft(place(path.value), null);
    return;
  }
  const asBefore = draft.over === mark;
  if (!asBefore) {
    saving.value = "conflict"; // before the text changes, which would be saved otherwise
    conflict = found;
  }
  editor.apply([difference(found, draft.text)]);
  if (asBefore) notice.value = { message: "Your unsaved changes were restored.", hint: "Undo brings back the file’s text." };
}

export async function load(): Promise<void> {
  try {
    project.value = await api.get<api.Project>("project");
    const linked = decodeURIComponent(location.hash.slice(1));
    if (!path.value && project.value.scripts.some((each) => each.path === linked)) void open(linked);
    for (const job of await api.get<api.Job[]>("jobs")) follow(job);
  } catch (error) {
    report(error);
  }
}

/** Look at one script of the folder after the other, while none is open. */
export async function lookAtScripts(): Promise<void> {
  const now = project.value;
  for (const each of now?.scripts ?? []) {
    if (path.value || project.value !== now) return;
    if (each.fault) continue;
    try {
      states.value = { ...states.value, [each.path]: await api.get<api.State>("state", { path: each.path }) };
    } catch (error) {
      if (!(error instanceof api.Refused)) { report(error); return; }
    }
  }
}

export async function open(file: string): Promise<void> {
  await save();
  try {
    const found = await api.get<{ text: string; mark: string }>("file", { path: file });
    mark = found.mark;
    path.value = file;
    history.replaceState(null, "", `#${encodeURIComponent(file)}`);
    untimely.value = "";
    choices.value = {};
    guess.value = exact.value = checked.value = outline.value = null;
    saving.value = "saved";
    const draft = keptDraft(place(file));
    editor.replace(found.text);
    bringBack(draft, found.text);
    await look();
    view.value = outline.value ? "words" : "source";
  } catch (error) {
    report(error);
  }
}

export async function close(): Promise<void> {
  await save();
  path.value = "";
  history.replaceState(null, "", "/");
  await load();
}

function textChanged(): void {
  exact.value = null;
  if (!path.value) return;
  saving.value = saving.value === "conflict" ? "conflict" : "changed";
  // In a conflict it is over no state of the file, so that the page asks again when it is opened anew.
  keepDraft(place(path.value), { text: editor.text, over: saving.value === "conflict" ? "" : mark });
  clearTimeout(saveTimer);
  saveTimer = window.setTimeout(save, 700);
  clearTimeout(lookTimer);
  lookTimer = window.setTimeout(look, 250);
}

/** Write what is on the page, if it is not written yet. */
let saves = Promise.resolve();

/** Save what is not saved, one request after the other: each has to name the state that the one before it left. */
export function save(): Promise<void> {
  saves = saves.then(saveNow);
  return saves;
}

async function saveNow(): Promise<void> {
  clearTimeout(saveTimer);
  if (!path.value || saving.value !== "changed") return;
  saving.value = "saving";
  const text = editor.text;
  try {
    const saved = await api.put<{ mark: string }>("file", { path: path.value, text, seen: mark });
    isSaved(text, saved.mark);
  } catch (error) {
    if (error instanceof api.Refused && error.status === 412 && error.body.text === text) {
      isSaved(text, String(error.body.mark)); // the other one wrote the same
      return;
    }
    if (error instanceof api.Refused && error.status === 412) {
      saving.value = "conflict";
      conflict = String(error.body.text);
      mark = String(error.body.mark);
      keepDraft(place(path.value), { text: editor.text, over: "" });
      return; // the page asks which of both to keep
    }
    saving.value = "changed";
    saveTimer = window.setTimeout(save, 3000);
    report(error);
  }
}

/** The file holds ``text`` now; what was typed since is saved next. */
function isSaved(text: string, now: string): void {
  mark = now;
  const all = editor.text === text;
  saving.value = all ? "saved" : "changed";
  if (!all) {
    keepDraft(place(path.value), { text: editor.text, over: mark });
    saveTimer = window.setTimeout(save, 700);
  } else if (keptDraft(place(path.value))?.text === text) { // else it is another page's, which has not saved it
    keepDraft(place(path.value), null);
  }
}

/** Take over what another program has written, where nothing of this page is unsaved. */
async function watch(): Promise<void> {
  const file = path.value;
  if (!file || saving.value !== "saved" || document.hidden) return;
  try {
    const found = await api.get<{ text: string; mark: string }>("file", { path: file });
    if (found.mark === mark || path.value !== file || saving.value !== "saved") return;
    mark = found.mark;
    editor.apply([difference(editor.text, found.text)]);
    clearTimeout(saveTimer);
    saving.value = "saved";
    keepDraft(place(path.value), null);
    notice.value = { message: "The file was changed by another program.", hint: "This page shows its text now; Undo brings back what was here before." };
  } catch (error) {
    if (error instanceof api.Refused) report(error);
  }
}
setInterval(watch, 3000);

/** Settle that the file was changed by another program: keep this page's text, or take the other one. */
export async function settle(mine: boolean): Promise<void> {
  if (!mine) editor.apply([difference(editor.text, conflict)]);
  saving.value = mine ? "changed" : "saved";
  if (mine) await save();
  else { clearTimeout(saveTimer); keepDraft(place(path.value), null); }
}

const asked = () => ({ path: path.value, text: editor.text, choices: choices.value });

/** Read the text anew: its outline, what is wrong with it, and how long it would be. */
export async function look(): Promise<void> {
  const { path: file, text } = asked();
  try {
    const found = await api.post<api.Outline>("outline", { path: file, text });
    if (editor.text === text) { outline.value = found; outlined = text; }
  } catch (error) {
    if (!(error instanceof api.Refused)) report(error);
    else if (error.status === 422) outline.value = null;
  }
  void check();
  void lookAtTime();
}

async function check(): Promise<void> {
  try {
    const found = await api.post<api.Checked | undefined>("check", { ...asked(), estimate: true });
    if (!found) return;
    checked.value = found;
    editor.show(found.problems.filter((each) => each.path === path.value));
  } catch (error) {
    report(error);
  }
}

export async function lookAtTime(): Promise<void> {
  try {
    const found = await api.post<api.Plan | undefined>("plan", { ...asked(), estimate: true });
    if (!found) return;
    guess.value = found;
    untimely.value = "";
  } catch (error) {
    if (!(error instanceof api.Refused)) report(error);
    else untimely.value = `${error.message.replace(/\.$/, "")}. ${error.hint.replace("--length ", "")}`;
  }
}

export function choose(more: api.Choices): void {
  choices.value = { ...choices.value, ...more };
  exact.value = null;
  void lookAtTime();
}

/** The session with the choices, laid out to the frame when all that is new is spoken; meanwhile `busy` says so. */
async function spoken(what: string, chosen: api.Choices): Promise<api.Plan | null> {
  busy.value = what;
  const look = setInterval(() => {
    void api.get<{ share: number | null }>("speaking").then(({ share }) => { if (busy.value) spokenShare.value = share; }, () => {});
  }, 500);
  try {
    return (await api.post<api.Plan | undefined>("plan", { ...asked(), choices: chosen })) ?? null;
  } catch (error) {
    report(error);
    return null;
  } finally {
    clearInterval(look);
    busy.value = "";
    spokenShare.value = null;
  }
}

/** The session to the frame, spoken first where it has to be. */
export async function layOut(): Promise<api.Plan | null> {
  if (exact.value) return exact.value;
  const { text, choices: chosen } = asked();
  const found = await spoken("Speaking new sentences …", chosen);
  if (!found || editor.text !== text || choices.value !== chosen) return null;
  return (exact.value = found);
}

/** The same session in another voice, to compare both. */
export const layOutIn = (voice: string) => spoken("Speaking in the other voice …", { ...choices.value, voice });

/** One edit after the other: each is made of the outline that the one before has left. */
let edits: Promise<unknown> = Promise.resolve();
export function tryEdit(make: (now: api.Outline) => object | null): Promise<"done" | "refused" | "later"> {
  const done = edits.then(async () => {
    if (editor.text !== outlined) await look();
    if (outline.value && editor.text !== outlined) return "later";
    const made = outline.value && make(outline.value);
    if (!made) return "refused";
    const text = editor.text;
    try {
      const { changes } = await api.post<{ changes: api.Change[] }>("edit", { path: path.value, text, edit: made });
      if (editor.text !== text) return "later";
      editor.apply(changes);
      await readOutline();
      return "done";
    } catch (error) {
      report(error);
      return api.isAway(error) ? "later" : "refused";
    }
  });
  edits = done;
  return done;
}

/** The same, where one can do it again oneself. */
export const edit = (make: (now: api.Outline) => object | null) => tryEdit(make).then((done) => done === "done");

async function readOutline(): Promise<void> {
  const text = editor.text;
  outline.value = await api.post<api.Outline>("outline", { path: path.value, text });
  outlined = text;
}

/** Undo, or redo, after the edits that are still on their way. */
export function step(back: boolean): Promise<unknown> {
  edits = edits.then(async () => {
    if (back) editor.undo(); else editor.redo();
    await look();
  });
  return edits;
}

export async function start(work: object): Promise<void> {
  await save();
  try {
    follow(await api.post<api.Job>("jobs", work));
  } catch (error) {
    report(error);
  }
}

function follow(job: api.Job): void {
  keep(job);
  if (job.state !== "running" && job.state !== "waiting") return;
  const news = new EventSource(`/api/jobs/${job.id}/events`);
  news.onmessage = (event) => {
    const now = JSON.parse(event.data) as api.Job;
    keep(now);
    if (now.state !== "running" && now.state !== "waiting") news.close();
  };
}

function keep(job: api.Job): void {
  const others = jobs.value.filter((each) => each.id !== job.id);
  jobs.value = [job, ...others].sort((a, b) => Number(b.id) - Number(a.id));
}

window.addEventListener("beforeunload", (event) => {
  if (saving.value === "changed" || saving.value === "saving") event.preventDefault();
});
