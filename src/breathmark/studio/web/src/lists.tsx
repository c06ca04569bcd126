/** Voices and sounds to choose from, how times are written, and what the voice is doing. */

import { signal } from "@preact/signals";
import * as api from "./api";
import { busy, outline, spokenShare } from "./state";
import { at } from "./words";

export const narrators = signal<api.Narrator[] | null>(null);
export const sounds = signal<api.Sound[] | null>(null);

export const clock = (seconds: number) => {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

export async function loadLists(): Promise<void> {
  narrators.value ??= await api.get<api.Narrator[]>("voices");
  sounds.value ??= await api.get<api.Sound[]>("sounds");
}

/** The voices to choose from: those that speak the script's language. */
export function Voices() {
  const language = String(at(outline.value?.data, ["language"]) ?? "en").split("-")[0];
  const all = narrators.value?.flatMap((each) => each.voices) ?? [];
  return <>{all.filter((each) => !each.language || each.language.split("-")[0] === language).map((voice) => <option key={voice.name} value={voice.name}>{voice.display || voice.name}</option>)}</>;
}

/** That sentences are being spoken, and how many of them are. */
export function Speaking() {
  if (!busy.value) return null;
  return (
    <>
      <p class="quiet" role="status">{busy.value}</p>
      {spokenShare.value !== null && <progress max="1" value={spokenShare.value} aria-label="Spoken so far" />}
    </>
  );
}
