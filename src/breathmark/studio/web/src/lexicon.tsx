/** The script's lexicon: how a word is said, in letters or in signs of the IPA, each to be heard. */

import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Data } from "./api";
import { wordAddress } from "./api";
import { edit, notice, outline } from "./state";
import { at } from "./words";

interface Said { say: string; ipa: string }

/** It stays open while the session is laid out anew after an edit. */
const unfolded = signal(false);

function entries(): [string, Said][] {
  const found = at(outline.value?.data, ["lexicon"]);
  if (!found || typeof found !== "object" || Array.isArray(found)) return [];
  return Object.entries(found).map(([word, value]) => {
    const given = (typeof value === "object" && !Array.isArray(value) ? value : { say: value }) as { [key: string]: Data };
    return [word, { say: String(given.say ?? ""), ipa: String(given.ipa ?? "") }];
  });
}

function write(word: string, { say, ipa }: Said): Promise<boolean> {
  const value: Data = ipa ? { ...(say ? { say } : {}), ipa } : say;
  return edit((now) => at(now.data, ["lexicon"])
    ? { op: "set", path: ["lexicon", word], value }
    : { op: "set", path: ["lexicon"], value: { [word]: value } });
}

function remove(word: string): Promise<boolean> {
  return edit(() => ({ op: "remove", path: entries().length > 1 ? ["lexicon", word] : ["lexicon"] }));
}

export function Lexicon({ voice }: { voice: string }) {
  const sound = useRef<HTMLAudioElement>(null);
  const hear = (word: string, said: Said) => {
    const player = sound.current;
    if (!player || !word) return;
    player.src = wordAddress({ voice, word, ...said });
    player.play().catch((error: Error) => { if (error.name !== "AbortError") notice.value = { message: `${voice} can’t say it that way.`, hint: "Check the IPA symbols, or use letters instead." }; });
  };
  return (
    <details class="lexicon" open={unfolded.value} onToggle={(event) => { unfolded.value = event.currentTarget.open; }}><summary>How words are said</summary>
      <audio ref={sound} aria-label="A word" />
      {entries().map(([word, said]) => <Word key={word} word={word} said={said} hear={hear} />)}
      <Word word="" said={{ say: "", ipa: "" }} hear={hear} />
    </details>
  );
}

/** One word; without a name, the form for another one. */
function Word({ word, said, hear }: { word: string; said: Said; hear: (word: string, said: Said) => void }) {
  const form = useRef<HTMLFormElement>(null);
  const values = () => Object.fromEntries(["word", "say", "ipa"].map((name) => [
    name, (form.current?.elements.namedItem(name) as HTMLInputElement | null)?.value.trim() ?? "",
  ])) as { word: string; say: string; ipa: string };
  const keep = (event: SubmitEvent) => {
    event.preventDefault();
    const { word: name, ...given } = values();
    if (name && (given.say || given.ipa)) void write(name, given).then((done) => { if (done && !word) form.current?.reset(); });
  };
  const of = word ? ` of ${word}` : " of the new word";
  return (
    <form ref={form} class="row" aria-label={word || "Another word"} onSubmit={keep}>
      <label class="field"><span>Word</span><input name="word" defaultValue={word} readOnly={!!word} placeholder="metta" /></label>
      <label class="field"><span>In letters</span><input name="say" aria-label={`Letters${of}`} defaultValue={said.say} placeholder="met-tah" /></label>
      <label class="field"><span>In IPA</span><input name="ipa" aria-label={`IPA${of}`} defaultValue={said.ipa} placeholder="ˈmɛtə" /></label>
      <button type="button" onClick={() => { const { word: name, ...given } = values(); hear(name, given); }}>Hear{word && ` ${word}`}</button>
      <button>{word ? `Set ${word}` : "Add the word"}</button>
      {word && <button type="button" onClick={() => void remove(word)}>Remove {word}</button>}
    </form>
  );
}
