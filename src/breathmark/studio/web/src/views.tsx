/** Time, Listen and Finish: how long it gets, how it sounds, and the file to take home. */

import { signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import * as api from "./api";
import {
  busy, choices, choose, editor, exact, guess, jobs, layOut, layOutIn, notice, outline, path, project, report, start, untimely, view,
} from "./state";
import { at } from "./words";

const narrators = signal<api.Narrator[] | null>(null);
const sounds = signal<api.Sound[] | null>(null);

export const clock = (seconds: number) => {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

/** An object address for a picture, given back when another one takes its place. */
function usePicture(svg: string | undefined): string {
  const address = useMemo(() => (svg ? URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })) : ""), [svg]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return address;
}

async function loadLists(): Promise<void> {
  narrators.value ??= await api.get<api.Narrator[]>("voices");
  sounds.value ??= await api.get<api.Sound[]>("sounds");
}

/** The voices to choose from: those that speak the script's language. */
function Voices() {
  const language = String(at(outline.value?.data, ["language"]) ?? "en").split("-")[0];
  const all = narrators.value?.flatMap((each) => each.voices) ?? [];
  return <>{all.filter((each) => !each.language || each.language.split("-")[0] === language).map((voice) => <option key={voice.name} value={voice.name}>{voice.display || voice.name}</option>)}</>;
}

export function Time() {
  const plan = exact.value ?? guess.value;
  const picture = usePicture(plan?.picture);
  useEffect(() => { loadLists().catch(report); }, []);
  if (!plan) {
    return (
      <section class="page" aria-label="Time">
        <p class="quiet" role="status">{untimely.value || "Working out the time …"}</p>
        {untimely.value && <Exactly length={0} />}
      </section>
    );
  }
  const shortest = plan.feasible[0]?.[0] ?? 60;
  const longest = plan.feasible[plan.feasible.length - 1]?.[1] ?? 3600;
  const notch = longest - shortest > 300 ? 30 : 5;
  const least = Math.ceil(shortest / notch) * notch;
  const most = Math.floor(longest / notch) * notch;
  const length = Math.round(plan.timeline.duration_s);
  const about = plan.estimated ? "about " : "";
  return (
    <section class="page" aria-label="Time">
      <h2>{about}{clock(plan.timeline.duration_s)}</h2>
      <p class="quiet">
        {Math.round(plan.timeline.silence_share * 100)} % of it without words. It can last from {about}{clock(shortest)} to {clock(longest)}
        {plan.feasible.length > 1 && ", with gaps: " + plan.feasible.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(", ")}.
      </p>
      <label class="field wide"><span>Length</span>
        <input type="range" min={least} max={most} step={notch} value={length}
          aria-valuetext={clock(length)} onChange={(event) => choose({ length: `${event.currentTarget.value}s` })} />
      </label>
      {plan.feasible.length > 1 && <Possible plan={plan} least={least} most={most} />}
      <Exactly length={length} />
      {untimely.value && <p class="error" role="alert">{untimely.value}</p>}
      {picture && <img class="plan" src={picture} alt={`The plan of the session: ${plan.timeline.segments.map((each) => each.title).filter(Boolean).join(", ")}`} />}
      <div class="row">
        <label class="field"><span>Voice</span>
          <select value={choices.value.voice ?? ""} onChange={(event) => choose({ voice: event.currentTarget.value })}>
            <option value="">The script’s ({plan.voice || "the best installed"})</option>
            <Voices />
          </select>
        </label>
        <label class="field"><span>Ambience</span>
          <select value={choices.value.ambience ?? ""} onChange={(event) => choose({ ambience: event.currentTarget.value || undefined })}>
            <option value="">The script’s</option>
            <option value="none">none</option>
            {sounds.value?.filter((each) => each.kind === "ambience").map((each) => <option key={each.name}>{each.name}</option>)}
          </select>
        </label>
        <label class="field"><span>Made for</span>
          <select value={choices.value.preset ?? ""} onChange={(event) => choose({ preset: event.currentTarget.value })}>
            <option value="">the project’s choice</option>
            {project.value?.presets.map((each) => <option key={each.name}>{each.name}</option>)}
          </select>
        </label>
        <label class="field check"><input type="checkbox" checked={choices.value.bells !== false} onChange={(event) => choose({ bells: event.currentTarget.checked })} /><span>Bells</span></label>
      </div>
      <Values />
      <Rests plan={plan} />
      {busy.value && <p role="status">{busy.value}</p>}
      {plan.estimated && <button class="main" onClick={() => void layOut()}>Speak it, for the exact time</button>}
    </section>
  );
}

/** A length as it is written, such as 7:30 or 12m. */
function Exactly({ length }: { length: number }) {
  return (
    <label class="field"><span>Exactly</span>
      <input value={choices.value.length ?? ""} placeholder={length ? clock(length) : "12m"} onBlur={(event) => choose({ length: event.currentTarget.value.trim() || undefined })}
        onKeyDown={(event) => { if (event.key === "Enter") event.currentTarget.blur(); }} />
    </label>
  );
}

/** Which lengths the slider can stand at: the gaps stay empty. */
function Possible({ plan, least, most }: { plan: api.Plan; least: number; most: number }) {
  const place = (seconds: number) => (100 * (seconds - least)) / (most - least);
  return (
    <svg class="possible" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
      {plan.feasible.map(([from, to]) => <rect key={from} x={place(from)} width={Math.max(place(to) - place(from), 0.3)} height="2" />)}
    </svg>
  );
}

/** Every rest that somebody wrote: how long it gets, between which bounds, and where it is. */
function Rests({ plan }: { plan: api.Plan }) {
  const long = plan.timeline.rests.filter((each) => each.level === "explicit");
  const show = (place: string) => {
    const [, line, column] = /:(\d+):(\d+)/.exec(place) ?? [];
    view.value = "source";
    requestAnimationFrame(() => editor.go(Number(line ?? 1), Number(column ?? 1)));
  };
  return (
    <details><summary>{long.length} pauses and silences</summary>
      <ol class="rests">
        {long.map((each, number) => (
          <li key={number}>
            <button disabled={!each.place.startsWith(path.value)} onClick={() => show(each.place)}>{clock(each.start_s)} · {each.duration_s.toFixed(1)} s</button>
            <span> of {each.min_s}–{each.ideal_s}–{each.max_s} s, in {each.place}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** The listener's own words, such as a name. */
function Values() {
  const declared = at(outline.value?.data, ["variables"]);
  if (!declared || typeof declared !== "object" || Array.isArray(declared)) return null;
  const given = choices.value.values ?? {};
  const set = (name: string, value: string) => {
    const { [name]: _, ...others } = given;
    choose({ values: value ? { ...others, [name]: value } : others });
  };
  return (
    <fieldset class="row"><legend>For this listener</legend>
      {Object.entries(declared).map(([name, about]) => {
        const one = (typeof about === "object" && !Array.isArray(about) ? about : {}) as { [key: string]: api.Data };
        const all = Array.isArray(one.choices) ? (one.choices as string[]) : null;
        return (
          <label key={name} class="field"><span title={String(one.description ?? "")}>{name}</span>
            {all
              ? <select value={given[name] ?? ""} onChange={(event) => set(name, event.currentTarget.value)}>
                  <option value="">{String(one.default ?? "")}</option>{all.map((each) => <option key={each}>{each}</option>)}
                </select>
              : <input value={given[name] ?? ""} placeholder={String(one.default ?? "")} onBlur={(event) => set(name, event.currentTarget.value.trim())} />}
          </label>
        );
      })}
    </fieldset>
  );
}

export function Listen() {
  const audio = useRef<HTMLAudioElement>(null);
  const from = useSignal(0);
  const now = useSignal(-1);
  const alone = useSignal(-1);
  const second = useSignal<api.Plan | null>(null);
  const plan = exact.value;
  useEffect(() => { loadLists().catch(report); }, []);
  useEffect(() => { second.value = null; if (!plan) void layOut(); }, [plan, outline.value, choices.value]);
  useEffect(() => {
    const look = setInterval(() => { if (audio.current && !audio.current.paused) now.value = from.value + audio.current.currentTime; }, 100);
    return () => clearInterval(look);
  }, []);
  const play = (address: string, begins: number, single = -1) => {
    const player = audio.current;
    if (!player) return;
    from.value = begins;
    alone.value = single;
    player.src = address;
    player.play().catch(() => { notice.value = { message: "The browser can’t play this.", hint: "Lay it out again." }; });
  };
  if (!plan) return <p class="quiet" role="status">{busy.value || "It can be heard as soon as the script has no fault."}</p>;
  const session = `/api/session/${plan.session}`;
  const sounding = alone.value >= 0 ? alone.value
    : plan.timeline.speech.findIndex((each) => each.start_s <= now.value && now.value < each.start_s + each.duration_s);
  const inside = alone.value >= 0 ? now.value : now.value - (plan.timeline.speech[sounding]?.start_s ?? 0);
  return (
    <section class="page" aria-label="Listen">
      <div class="player">
        <button class="main" onClick={() => play(`${session}/mix?from=0`, 0)}>Play all</button>
        <audio ref={audio} controls aria-label="The session" onEnded={() => { now.value = -1; }} />
        <label class="field"><span>Compare with</span>
          <select onChange={(event) => {
            const voice = event.currentTarget.value;
            second.value = null;
            if (voice) void layOutIn(voice).then((found) => { second.value = found; });
          }}>
            <option value="">no other voice</option><Voices />
          </select>
        </label>
        <output>{clock(Math.max(now.value, 0))} of {clock(plan.timeline.duration_s)}</output>
      </div>
      {busy.value && <p class="quiet" role="status">{busy.value}</p>}
      <ol class="sentences">
        {plan.timeline.speech.map((each, number) => {
          const block = Math.floor(each.start_s / 2) * 2;
          return (
            <li key={number} class={number === sounding ? "sounding" : ""} aria-current={number === sounding ? "true" : undefined}>
              <button aria-label={`Hear: ${each.text}`} onClick={() => play(`${session}/clip/${number}`, 0, number)}>
                <Heard text={each.text} words={plan.clips[number]?.words ?? []} at={number === sounding ? inside : -1} />
              </button>
              {second.value?.timeline.speech[number]?.text === each.text && (
                <button class="from" aria-label={`Hear in the other voice: ${each.text}`}
                  onClick={() => play(`/api/session/${second.value?.session}/clip/${number}`, 0, number)}>2nd voice</button>
              )}
              <button class="from" aria-label={`Play from here: ${each.text}`} onClick={() => play(`${session}/mix?from=${block}`, block)}>▶ {clock(each.start_s)}</button>
            </li>
          );
        })}
      </ol>
    </section>
  );
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

const stem = (file: string) => (file.split("/").pop() ?? file).replace(/\.ya?ml$/, "");

export function Finish() {
  const plan = exact.value ?? guess.value;
  const preset = project.value?.presets.find((each) => each.name === choices.value.preset);
  const length = plan ? clock(plan.timeline.duration_s).replace(":", "m") : "";
  const name = useSignal("");
  const output = name.value || `dist/${stem(path.value)}${length ? `-${length}s` : ""}${preset?.suffix ?? ".mp3"}`;
  const make = () => start({ kind: "render", path: path.value, text: editor.text, choices: choices.value, output });
  return (
    <section class="page" aria-label="Finish">
      <p>The session of {plan ? `${plan.estimated ? "about " : ""}${clock(plan.timeline.duration_s)}` : "its own length"}, with the choices of <em>Time</em>.</p>
      <label class="field wide"><span>File</span>
        <input value={output} onInput={(event) => { name.value = event.currentTarget.value; }} />
      </label>
      <button class="main" onClick={() => void make()}>Make the file</button>
      <Jobs />
    </section>
  );
}

export function Jobs() {
  return (
    <ul class="jobs" aria-label="Work">
      {jobs.value.map((job) => {
        const running = job.state === "running" || job.state === "waiting";
        const file = typeof job.result.path === "string" && project.value ? job.result.path.replace(`${project.value.folder}/`, "") : "";
        return (
          <li key={job.id}>
            <strong>{job.title}</strong>
            {running && <progress max="1" value={job.share} aria-label={job.title} />}
            <span role="status">{running ? `${job.stage || "Beginning"} …${job.left_s === null ? "" : ` ${clock(job.left_s)} left`}` : STATES[job.state]}</span>
            {running && <button onClick={() => void api.cancelJob(job.id)}>Cancel</button>}
            {job.error && <p class="error">{job.error.message} {job.error.hint}</p>}
            {file && (
              <div class="row">
                <audio controls aria-label={file} src={api.resultAddress(file)} />
                <a class="button" href={api.resultAddress(file, true)}>Download</a>
                <button onClick={() => void start({ kind: "verify", path: file, preset: choices.value.preset ?? "" })}>Verify</button>
              </div>
            )}
            {Array.isArray(job.result.items) && <Verdict items={job.result.items as Item[]} />}
            {Array.isArray(job.result.built) && <p>{job.result.built.length} built, {String(job.result.current)} were current{Object.keys(job.result.failed as object).length ? `, ${Object.keys(job.result.failed as object).length} failed` : ""}.</p>}
          </li>
        );
      })}
    </ul>
  );
}

const STATES = { waiting: "Waiting", running: "Running", done: "Done", failed: "It could not be done.", cancelled: "Cancelled" };
interface Item { item: string; outcome: string; found: string; asked: string }

function Verdict({ items }: { items: Item[] }) {
  return (
    <table><caption>What was measured</caption>
      <thead><tr><th scope="col">Item</th><th scope="col">Verdict</th><th scope="col">Found</th><th scope="col">Asked for</th></tr></thead>
      <tbody>{items.map((each) => <tr key={each.item} class={each.outcome}><th scope="row">{each.item}</th><td>{each.outcome}</td><td>{each.found}</td><td>{each.asked}</td></tr>)}</tbody>
    </table>
  );
}
