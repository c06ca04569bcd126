/** Recording, sentence after sentence, by the keyboard: space records and stops, K keeps, R does it again. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as api from "./api";
import { choices, editor, notice, path, report, save } from "./state";

const RATE_HZ = 48_000;

/** A take as it was kept: its picture, and what of it is used. */
interface Kept { peaks: number[]; duration_s: number; used: [number, number] }

/** The highest sample of each of so many stretches. */
function peaks(samples: Float32Array[], count = 400): number[] {
  const whole = samples.reduce((sum, piece) => sum + piece.length, 0);
  const found = new Array<number>(count).fill(0);
  let at = 0;
  for (const piece of samples) {
    for (const sample of piece) {
      const place = Math.min(Math.floor((count * at++) / whole), count - 1);
      found[place] = Math.max(found[place] ?? 0, Math.abs(sample));
    }
  }
  return found;
}

function Picture({ take }: { take: Kept }) {
  const [start, end] = take.used.map((each) => (each / take.duration_s) * 400) as [number, number];
  const times = take.used.map((each) => `${each.toFixed(2)} s`);
  return (
    <figure>
      <svg class="take-picture" viewBox="0 -1 400 2" preserveAspectRatio="none" role="img" aria-label={`The take: from ${times[0]} to ${times[1]} of ${take.duration_s.toFixed(2)} s are used`}>
        <rect x={start} y="-1" width={Math.max(end - start, 0)} height="2" fill="var(--pill)" />
        <path d={take.peaks.map((peak, at) => `M${at} ${-peak - 0.01}V${peak + 0.01}`).join("")} stroke="var(--accent)" stroke-width="1" />
      </svg>
      <figcaption class="quiet">Used: {times[0]} to {times[1]}; the rest is trimmed.</figcaption>
    </figure>
  );
}

export function Record() {
  const takes = useSignal<api.Takes | null>(null);
  const number = useSignal(0);
  const phase = useSignal<"ready" | "recording" | "done">("ready");
  const level = useSignal(-60);
  const clipped = useSignal(false);
  const verdict = useSignal("");
  const microphone = useRef<Microphone | null>(null);
  const begin = useRef<HTMLButtonElement>(null);
  const kept = useRef<Blob | null>(null);
  const heard = useSignal("");
  const shown = useSignal<Kept | null>(null);

  const list = async () => {
    try {
      takes.value = await api.post<api.Takes | undefined>("takes", { path: path.value, text: editor.text, choices: choices.value }) ?? takes.value;
    } catch (error) { report(error); }
  };
  useEffect(() => { void list(); return () => microphone.current?.close(); }, []);

  const record = async () => {
    try {
      microphone.current ??= await Microphone.open((peak) => {
        level.value = Math.max(20 * Math.log10(peak || 1e-3), -60);
        if (peak >= 0.999) clipped.value = true;
      });
    } catch {
      notice.value = { message: "The microphone can’t be used.", hint: "Allow this page to use it, and check that no other program is using it." };
      return;
    }
    if (microphone.current.changed) notice.value = { message: `The browser changes the sound: ${microphone.current.changed}.`, hint: "Takes may sound processed; another browser may leave the sound as it is." };
    clipped.value = false;
    verdict.value = "";
    shown.value = null;
    microphone.current.start();
    phase.value = "recording";
  };
  const stop = async () => {
    kept.current = (await microphone.current?.stop()) ?? null;
    URL.revokeObjectURL(heard.value);
    heard.value = kept.current ? URL.createObjectURL(kept.current) : "";
    phase.value = "done";
  };
  const again = () => { kept.current = null; phase.value = "ready"; };
  const keep = async () => {
    const line = takes.value?.lines[number.value];
    if (!line || !kept.current) return;
    try {
      await save();
      const found = await api.sendTake(path.value, line.id, kept.current);
      verdict.value = found.faults.length ? `It ${found.faults.join("; it ")}.` : `Kept: ${found.duration_s.toFixed(1)} s, ${found.lufs?.toFixed(0)} LUFS.`;
      const samples = microphone.current?.samples ?? [];
      const frames = samples.reduce((sum, piece) => sum + piece.length, 0);
      shown.value = { peaks: peaks(samples), duration_s: frames / RATE_HZ, used: found.used };
      kept.current = null;
      phase.value = "ready";
      await list();
      if (!found.faults.length) number.value = Math.min(number.value + 1, (takes.value?.lines.length ?? 1) - 1);
    } catch (error) { report(error); }
  };
  const keys = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLElement && event.target.closest("input, select, audio, [contenteditable]")) return;
    if (event.target instanceof HTMLButtonElement && event.key === " ") return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const done = phase.value === "done";
    if (event.key === " ") { event.preventDefault(); if (phase.value === "recording") void stop(); else void record(); }
    else if (event.key.toLowerCase() === "k" && done) void keep();
    else if (event.key.toLowerCase() === "r" && done) again();
    else if (event.key === "ArrowDown" && phase.value === "ready") { event.preventDefault(); number.value = Math.min(number.value + 1, (takes.value?.lines.length ?? 1) - 1); }
    else if (event.key === "ArrowUp" && phase.value === "ready") { event.preventDefault(); number.value = Math.max(number.value - 1, 0); }
  };

  useEffect(() => {
    document.addEventListener("keydown", keys);
    return () => document.removeEventListener("keydown", keys);
  });

  useEffect(() => begin.current?.focus(), [takes.value === null]);

  const found = takes.value;
  if (!found) return <p class="quiet" role="status">Looking for takes …</p>;
  const line = found.lines[number.value];
  if (!line) return <p class="quiet">There is nothing to record in this script.</p>;
  const missing = found.lines.filter((each) => !each.take).length;
  return (
    <section class="page record" aria-label="Record">
      <p class="quiet">{missing ? `${missing} of ${found.lines.length} sentences are still to be recorded.` : "Every sentence is recorded."}</p>
      <p class="beside">{line.before}</p>
      <p class="sentence" aria-live="polite">{line.text}</p>
      <p class="beside">{line.after}</p>
      {line.notes.map((note) => <p key={note} class="note">{note}</p>)}
      <meter min="-60" max="0" low={-30} high={-3} optimum={-12} value={level.value} aria-label="Level of the microphone, in dBFS" />
      {clipped.value && <p class="error" role="alert">Too loud: the peaks are clipped. Lower the microphone’s level and record this sentence again.</p>}
      <div class="row">
        <button ref={begin} class={`main ${phase.value}`} onClick={() => void (phase.value === "recording" ? stop() : record())}>
          {phase.value === "recording" ? "Stop" : "Record"} (space)
        </button>
        <button disabled={phase.value !== "done"} onClick={() => void keep()}>Keep (K)</button>
        <button disabled={phase.value !== "done"} onClick={again}>Again (R)</button>
        {phase.value === "done" && heard.value && <audio controls aria-label="What was just recorded" src={heard.value} />}
      </div>
      <p role="status">{verdict.value}</p>
      {shown.value && <Picture take={shown.value} />}
      <ol class="lines">
        {found.lines.map((each, at) => (
          <li key={each.id} class={each.take ? "done" : ""} aria-current={at === number.value ? "step" : undefined}>
            <button onClick={() => { number.value = at; phase.value = "ready"; }}>{each.take ? "✓ " : ""}{each.text}</button>
            {at === number.value && each.takes.map((name) => <label key={name} class="take">{name === each.take ? "used" : ""}<audio controls aria-label={`The take ${name}`} src={api.takeAddress(path.value, name)} /></label>)}
            {each.faults.map((fault) => <p key={fault} class="error">It {fault}.</p>)}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The microphone as it is: one channel at 48 kHz, with nothing done to the sound. */
class Microphone {
  private pieces: Float32Array[] = [];
  private running = false;
  private flushed: (() => void) | null = null;

  private constructor(private readonly context: AudioContext, private readonly stream: MediaStream, private readonly node: AudioWorkletNode, readonly changed: string) {}

  static async open(onPeak: (peak: number) => void): Promise<Microphone> {
    const wanted = { channelCount: 1, sampleRate: RATE_HZ, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    const given = stream.getAudioTracks()[0]?.getSettings() ?? {};
    const changed = [
      given.echoCancellation && "it cancels echoes", given.noiseSuppression && "it suppresses noise",
      given.autoGainControl && "it moves the level",
    ].filter(Boolean).join(", ");
    const context = new AudioContext({ sampleRate: RATE_HZ });
    await context.audioWorklet.addModule("/static/microphone.js");
    const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    const found = new Microphone(context, stream, node, changed);
    node.port.onmessage = (event: MessageEvent<Float32Array | null>) => {
      if (!event.data) { found.flushed?.(); return; }
      onPeak(event.data.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
      if (found.running) found.pieces.push(event.data);
    };
    context.createMediaStreamSource(stream).connect(node);
    return found;
  }

  /** What was recorded last. */
  get samples(): Float32Array[] { return this.pieces; }

  start(): void { this.pieces = []; this.running = true; }
  async stop(): Promise<Blob> {
    await new Promise<void>((done) => { this.flushed = done; this.node.port.postMessage("flush"); });
    this.running = false;
    return wav(this.pieces);
  }
  close(): void { this.stream.getTracks().forEach((track) => track.stop()); void this.context.close(); }
}

/** Samples as a WAV file of 24 bits, as RIFF has it. */
export function wav(pieces: Float32Array[]): Blob {
  const count = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const view = new DataView(new ArrayBuffer(44 + count * 3));
  const word = (offset: number, letters: string) => [...letters].forEach((letter, at) => view.setUint8(offset + at, letter.charCodeAt(0)));
  word(0, "RIFF"); view.setUint32(4, 36 + count * 3, true); word(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, RATE_HZ, true); view.setUint32(28, RATE_HZ * 3, true); view.setUint16(32, 3, true); view.setUint16(34, 24, true);
  word(36, "data"); view.setUint32(40, count * 3, true);
  let at = 44;
  for (const piece of pieces) {
    for (const sample of piece) {
      const value = Math.round(Math.min(Math.max(sample, -1), 1 - 2 ** -23) * 2 ** 23);
      view.setUint8(at, value & 255); view.setUint8(at + 1, (value >> 8) & 255); view.setUint8(at + 2, (value >> 16) & 255);
      at += 3;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}
