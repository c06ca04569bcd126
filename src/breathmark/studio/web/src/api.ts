/** Requests to the studio's server, and the shapes of its answers. */

import { signal } from "@preact/signals";

export type KeyPath = (string | number)[];
export type Data = string | Data[] | { [key: string]: Data };

export interface Range { min_s: number; ideal_s: number; max_s: number }
export interface Piece {
  kind: "words" | "pause" | "bell" | "note" | "voice" | "sounds" | "tag" | "left_out" | "fault";
  start: number; end: number; label: string; hint: string; range: Range | null;
}
export interface OutlinedText { path: KeyPath; pieces: Piece[]; anchors: [number, number][] }
export interface Outline { data: Data; texts: OutlinedText[]; segments: [KeyPath, { start: number; end: number }][] }
export interface Change { start: number; end: number; text: string }
export interface Problem {
  path: string; line: number; column: number; message: string; hint: string; severity: "error" | "warning"; rule: string;
}
export interface Placed { start_s: number; duration_s: number; place: string }
export interface Spoken extends Placed { text: string; voice: string }
export interface Rest extends Placed { level: string; min_s: number; ideal_s: number; max_s: number }
export interface Plan {
  session: string; title: string; voice: string; estimated: boolean; feasible: [number, number][]; picture: string;
  clips: ({ before_s: number; words: { word: string; start_s: number; end_s: number }[] } | null)[];
  timeline: { duration_s: number; silence_share: number; speech: Spoken[]; rests: Rest[]; segments: (Placed & { title: string })[] };
}
export interface Checked { problems: Problem[]; feasible: [number, number][]; estimated: boolean }
export interface State extends Checked { finished: string[] }
export interface Project {
  folder: string; scripts: { path: string; title: string; fault: string }[]; courses: string[];
  presets: { name: string; suffix: string }[];
}
export interface Narrator { narrator: string; missing: string; voices: { name: string; display: string; language: string }[] }
export interface Sound { name: string; kind: string; description: string }
export interface Line {
  number: number; text: string; id: string; segment: string; before: string; after: string; notes: string[];
  take: string | null; takes: string[]; duration_s: number | null; faults: string[];
}
export interface Takes { folder: string; lines: Line[]; stale: string[]; with_values: number; elsewhere: number }
export interface Job {
  id: string; kind: "render" | "speak" | "verify" | "build"; title: string; state: "waiting" | "running" | "done" | "failed" | "cancelled"; stage: string; share: number;
  left_s: number | null; result: Record<string, unknown>; error: { message: string; hint: string } | null;
}
export interface Choices {
  length?: string; voice?: string; ambience?: string; bells?: boolean; preset?: string; values?: Record<string, string>;
}

/** What the server refuses, with what to do about it. */
export class Refused extends Error {
  constructor(readonly status: number, message: string, readonly hint: string, readonly body: Record<string, unknown>) {
    super(message);
  }
}

/** Whether the studio answers this page: not where it has ended, nor where another one was started in its place. */
export const answering = signal(true);

async function answered(route: string, request: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(`/api/${route}`, request);
    answering.value = answer.status !== 403;
    return answer;
  } catch (error) {
    answering.value = false;
    throw error;
  }
}

/** Whether a request failed because the studio was away, so that it can be made again. */
export const isAway = (error: unknown) => !(error instanceof Refused) || error.status === 403;

/** The answer; nothing where a newer request took the place of this one. */
async function ask<T>(method: string, route: string, body?: BodyInit, type = "application/json"): Promise<T> {
  const answer = await answered(route, { method, body, headers: body ? { "Content-Type": type } : {} });
  if (answer.status === 204) return undefined as T;
  const data = await answer.json().catch(() => ({ message: `the studio answered ${answer.status}`, hint: "" }));
  if (!answer.ok) throw new Refused(answer.status, data.message, data.hint, data);
  return data as T;
}

const query = (values: Record<string, string>) => new URLSearchParams(values).toString();
export const get = <T>(route: string, values: Record<string, string> = {}) => ask<T>("GET", `${route}?${query(values)}`);
export const post = <T>(route: string, body: object) => ask<T>("POST", route, JSON.stringify(body));
export const put = <T>(route: string, body: object) => ask<T>("PUT", route, JSON.stringify(body));
export const sendTake = (path: string, sentence: string, wav: Blob) =>
  ask<{ take: string; duration_s: number; lufs: number | null; faults: string[]; used: [number, number] }>(
    "PUT", `takes?${query({ path, sentence })}`, wav, "audio/wav",
  );
export const wordAddress = (values: { voice: string; word: string; say: string; ipa: string }) => `/api/word?${query(values)}`;
export const cancelJob = (id: string) => ask<void>("DELETE", `jobs/${id}`);
export const takeAddress = (path: string, name: string) => `/api/takes?${query({ path, name })}`;
export const resultAddress = (path: string, download = false) =>
  `/api/result?${query(download ? { path, download: "1" } : { path })}`;
