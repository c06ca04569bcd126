/** Listen: a sentence by a click, the mix from any moment, its levels moved while it sounds. */

import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as api from "./api";
import { Lexicon } from "./lexicon";
import { clock, loadLists, Speaking, Voices } from "./lists";
import { busy, choices, edit, exact, layOut, layOutIn, notice, outline, report } from "./state";
import { at } from "./words";

/** How much louder than it was mixed, in dB. */
const levels = { voice: signal(0), ambience: signal(0) };
const factor = (db: number) => 10 ** (db / 20);

/**
 * The levels of what an audio element plays: its first two channels are the whole mix, the others the ambience in it.
 * With gains v and a for voice and ambience, v (whole - ambience) + a ambience is heard: as it was mixed where both are 1.
 */
class Desk {
  private readonly context = new AudioContext();
  private readonly whole = this.context.createGain();
  private readonly ambience = this.context.createGain();

  constructor(element: HTMLMediaElement) {
    const parts = this.context.createChannelSplitter(4);
    this.context.createMediaElementSource(element).connect(parts);
    for (const [gain, first] of [[this.whole, 0], [this.ambience, 2]] as const) {
      const pair = this.context.createChannelMerger(2);
      parts.connect(pair, first, 0);
      parts.connect(pair, first + 1, 1);
      pair.connect(gain).connect(this.context.destination);
    }
    this.set(0);
  }

  /** Take over the levels, within a moment that makes no click. */
  set(within_s = 0.03): void {
    const voice = factor(levels.voice.value);
    const ambience = factor(levels.ambience.value) - voice;
    for (const [gain, value] of [[this.whole, voice], [this.ambience, ambience]] as const) {
      if (within_s) gain.gain.setTargetAtTime(value, this.context.currentTime, within_s);
      else gain.gain.value = value;
    }
    void this.context.resume();
  }

  close(): void { void this.context.close(); }
}

/** Shows why a sound can't be played: an audio element does not say what the studio answered. */
async function showWhy(address: string): Promise<void> {
  const answer = await fetch(address).catch(() => null);
  const refused = answer && !answer.ok ? (await answer.json()) as { message: string; hint: string } : null;
  void answer?.body?.cancel().catch(() => {});
  notice.value = refused ?? { message: "The browser can’t play this.", hint: "Go to another view and come back." };
}

export function Listen() {
  const mix = useRef<HTMLAudioElement>(null);
  const clip = useRef<HTMLAudioElement>(null);
  const desk = useRef<Desk | null>(null);
  const from = useSignal(0);
  const now = useSignal(-1);
  const alone = useSignal(-1);
  const second = useSignal<api.Plan | null>(null);
  const spoken = useSignal<api.Plan | null>(null);
  const plan = exact.value;
  useEffect(() => { loadLists().catch(report); return () => { desk.current?.close(); desk.current = null; }; }, []);
  useEffect(() => {
    second.value = null;
    if (plan) return;
    desk.current?.close();
    desk.current = null;
    void layOut();
  }, [plan, outline.value, choices.value]);
  useEffect(() => {
    const look = setInterval(() => {
      const sounds = alone.value >= 0 ? clip.current : mix.current;
      if (sounds && !sounds.paused) now.value = from.value + sounds.currentTime;
    }, 100);
    return () => clearInterval(look);
  }, []);
  const start = (player: HTMLAudioElement | null, address: string, begins: number, single: number) => {
    if (!player) return;
    (single < 0 ? clip : mix).current?.pause();
    from.value = begins;
    alone.value = single;
    player.src = address;
    player.play().catch((error: Error) => {
      if (error.name !== "AbortError") void showWhy(address); // else something else was chosen meanwhile
    });
  };
  const hear = (voice: api.Plan | null, number: number) => {
    spoken.value = voice;
    start(clip.current, `/api/session/${voice?.session}/clip/${number}`, 0, number);
  };
  const play = (begins: number) => {
    if (!mix.current || !plan) return;
    desk.current ??= new Desk(mix.current);
    desk.current.set();
    start(mix.current, `/api/session/${plan.session}/mix?from=${begins.toFixed(2)}`, begins, -1);
  };
  if (!plan) return busy.value ? <Speaking /> : <p class="quiet" role="status">Fix what is wrong with the script to hear it.</p>;
  const sounding = alone.value >= 0 ? alone.value
    : plan.timeline.speech.findIndex((each) => each.start_s <= now.value && now.value < each.start_s + each.duration_s);
  const heard = (alone.value >= 0 ? spoken.value ?? plan : plan).clips[sounding];
  const inside = alone.value >= 0 ? now.value - (heard?.before_s ?? 0) : now.value - (plan.timeline.speech[sounding]?.start_s ?? 0);
  return (
    <section class="page" aria-label="Listen">
      <div class="player">
        <button class="main" onClick={() => play(0)}>Play all</button>
        <audio ref={mix} controls aria-label="The session" onEnded={() => { now.value = -1; }} />
        <audio ref={clip} aria-label="A sentence" onEnded={() => { now.value = -1; }} />
        <output>{clock(Math.max(now.value, 0))} of {clock(plan.timeline.duration_s)}</output>
      </div>
      <div class="row">
        <Level label="Voice and bells" level={levels.voice} changed={() => desk.current?.set()} />
        <Level label="Ambience" level={levels.ambience} changed={() => desk.current?.set()} />
        <KeepLevels />
        <label class="field"><span>Compare with</span>
          <select onChange={(event) => {
            const voice = event.currentTarget.value;
            second.value = null;
            if (voice) void layOutIn(voice).then((found) => { second.value = found; });
          }}>
            <option value="">no other voice</option><Voices />
          </select>
        </label>
      </div>
      <Speaking />
      <ol class="sentences">
        {plan.timeline.speech.map((each, number) => (
          <li key={number} class={number === sounding ? "sounding" : ""} aria-current={number === sounding ? "true" : undefined}>
            <button aria-label={`Hear: ${each.text}`} onClick={() => hear(plan, number)}>
              <Heard text={each.text} words={heard?.words ?? []} at={number === sounding ? inside : -1} />
            </button>
            {second.value?.timeline.speech[number]?.text === each.text && (
              <button class="from" aria-label={`Hear in the other voice: ${each.text}`}
                onClick={() => hear(second.value, number)}>2nd voice</button>
            )}
            <button class="from" aria-label={`Play from here: ${each.text}`} onClick={() => play(Math.max(each.start_s - 0.3, 0))}>▶ {clock(each.start_s)}</button>
          </li>
        ))}
      </ol>
      <Lexicon voice={plan.voice} />
    </section>
  );
}

function Level({ label, level, changed }: { label: string; level: { value: number }; changed: () => void }) {
  return (
    <label class="field"><span>{label}: {level.value > 0 ? "+" : ""}{level.value} dB</span>
      <input type="range" aria-label={label} min="-24" max="12" step="1" value={level.value} aria-valuetext={`${level.value} dB`}
        onInput={(event) => { level.value = Number(event.currentTarget.value); changed(); }} />
    </label>
  );
}

/** What was moved by ear, as the script's distance of the ambience from the voice. */
function KeepLevels() {
  const moved = levels.ambience.value - levels.voice.value;
  if (!moved) return null;
  const now = at(outline.value?.data, ["ambience"]);
  const mapping = now && typeof now === "object" && !Array.isArray(now) ? now : null;
  const below = Math.min(Math.max(Number(mapping?.below_voice ?? 20) - moved, 10), 60);
  const keep = () => edit(() => mapping
    ? { op: "set", path: ["ambience", "below_voice"], value: String(below) }
    : { op: "set", path: ["ambience"], value: typeof now === "string" ? { sound: now, below_voice: String(below) } : { below_voice: String(below) } },
  ).then((done) => { if (done) levels.voice.value = levels.ambience.value = 0; });
  return <button onClick={() => void keep()}>Keep: ambience {below} LU under the voice</button>;
}

/** A sentence with the word marked that sounds. */
function Heard({ text, words, at: time }: { text: string; words: { word: string; start_s: number; end_s: number }[]; at: number }) {
  const sounding = words.findIndex((word) => word.start_s <= time && time < word.end_s);
  if (sounding < 0) return <>{text}</>;
  let place = 0;
  const spans: [number, number][] = words.map(({ word }) => {
    const start = Math.max(text.toLowerCase().indexOf(word.toLowerCase(), place), place);
    place = start + word.length;
    return [start, place];
  });
  const [start, end] = spans[sounding] as [number, number];
  return <>{text.slice(0, start)}<mark>{text.slice(start, end)}</mark>{text.slice(end)}</>;
}
