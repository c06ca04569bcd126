/** Time: how long a session gets, and where its silence goes. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type * as api from "./api";
import { clock, loadLists, sounds, Speaking, Voices } from "./lists";
import { choices, choose, editor, exact, guess, layOut, outline, path, project, report, untimely, view } from "./state";
import { at } from "./words";

/** An object address for a picture, given back when another one takes its place. */
function usePicture(svg: string | undefined): string {
  const address = useMemo(() => (svg ? URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })) : ""), [svg]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return address;
}

export function Time() {
  const plan = exact.value ?? guess.value;
  const picture = usePicture(plan?.picture);
  /** Where the slider is until the plan of that length has come. */
  const pulled = useSignal<number | null>(null);
  useEffect(() => { loadLists().catch(report); }, []);
  useEffect(() => {
    const there = plan && Math.abs(plan.timeline.duration_s - (pulled.value ?? 0)) < 1;
    if (there || choices.value.length !== `${pulled.value}s`) pulled.value = null;
  }, [plan, choices.value.length]);
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
  const shown = pulled.value ?? length;
  const about = plan.estimated ? "about " : "";
  return (
    <section class="page" aria-label="Time">
      <h2>{about}{clock(plan.timeline.duration_s)}</h2>
      <p class="quiet">
        {Math.round(plan.timeline.silence_share * 100)} % of it is silence. It can last from {about}{clock(shortest)} to {clock(longest)}
        {plan.feasible.length > 1 && ", in these ranges: " + plan.feasible.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(", ")}.
      </p>
      <label class="field wide"><span>Length</span>
        <input type="range" min={least} max={most} step={notch} value={shown} aria-valuetext={clock(shown)}
          onInput={(event) => {
            pulled.value = Number(event.currentTarget.value);
            choose({ length: `${pulled.value}s` });
          }} />
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
            <option value="">the project’s default</option>
            {project.value?.presets.map((each) => <option key={each.name}>{each.name}</option>)}
          </select>
        </label>
        <label class="field check"><input type="checkbox" checked={choices.value.bells !== false} onChange={(event) => choose({ bells: event.currentTarget.checked })} /><span>Bells</span></label>
      </div>
      <Values />
      <Rests plan={plan} />
      <Speaking />
      {plan.estimated && <button class="main" onClick={() => void layOut()}>Speak it for exact times</button>}
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
