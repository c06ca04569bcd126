/** Finish: the files to take home, and all long work. */

import { useSignal } from "@preact/signals";
import * as api from "./api";
import { Artefacts } from "./course";
import { clock } from "./lists";
import { choices, editor, exact, guess, jobs, path, project, start } from "./state";

const stem = (file: string) => (file.split("/").pop() ?? file).replace(/\.ya?ml$/, "");
/** A length as it is part of a file's name: 7:30 is 7m30s. */
const named = (length: string) => length.replace(/^(\d+):(\d\d)$/, "$1m$2s").replace(/[^\w]/g, "");

interface File { length: string; preset: string; output: string }

export function Finish() {
  const plan = exact.value ?? guess.value;
  const lengths = useSignal("");
  const chosen = useSignal<string[]>([]);
  const name = useSignal("");
  const presets = chosen.value.length ? chosen.value : [choices.value.preset ?? ""];
  const wanted = lengths.value.split(/[,;]+/).map((each) => each.trim()).filter(Boolean);
  const own = plan ? clock(plan.timeline.duration_s) : "";
  const several = presets.length > 1 || wanted.length > 1;
  const files: File[] = (wanted.length ? wanted : [""]).flatMap((length) => presets.map((preset) => {
    const suffix = project.value?.presets.find((each) => each.name === preset)?.suffix ?? ".mp3";
    const parts = [stem(path.value), named(length || own), presets.length > 1 ? preset : ""].filter(Boolean);
    return { length, preset, output: `dist/${parts.join("-")}${suffix}` };
  }));
  if (!several && name.value && files[0]) files[0].output = name.value;
  const make = () => start({ kind: "render", path: path.value, text: editor.text, choices: choices.value, files });
  const toggle = (preset: string) => {
    chosen.value = chosen.value.includes(preset) ? chosen.value.filter((each) => each !== preset) : [...chosen.value, preset];
  };
  return (
    <section class="page" aria-label="Finish">
      <p>{wanted.length ? `Sessions of ${wanted.join(", ")}` : plan ? `A session of ${plan.estimated ? "about " : ""}${own}` : "A session of the script’s own length"}, with the settings of <em>Time</em>.</p>
      <label class="field"><span>Other lengths, separated by commas</span>
        <input value={lengths.value} placeholder={own || "5m, 10m, 20m"} onInput={(event) => { lengths.value = event.currentTarget.value; }} />
      </label>
      <details><summary>Made for: {chosen.value.join(", ") || choices.value.preset || "the project’s default"}</summary>
        <div class="row">
          {project.value?.presets.map((each) => (
            <label key={each.name} class="field check"><input type="checkbox" checked={chosen.value.includes(each.name)} onChange={() => toggle(each.name)} /><span>{each.name}</span></label>
          ))}
        </div>
      </details>
      {several
        ? <ul class="quiet">{files.map((each) => <li key={each.output}>{each.output}</li>)}</ul>
        : <label class="field wide"><span>File</span><input value={files[0]?.output} onInput={(event) => { name.value = event.currentTarget.value; }} /></label>}
      <button class="main" onClick={() => void make()}>{several ? `Make the ${files.length} files` : "Make the file"}</button>
      <Jobs />
    </section>
  );
}

const isRunning = (job: api.Job) => job.state === "running" || job.state === "waiting";

/** Files that are made and verified and what came of it, the newest first; or of each course its newest build, and what runs. */
export function Jobs({ builds = false }: { builds?: boolean }) {
  const all = jobs.value.filter((job) => (job.kind === "build") === builds);
  const shown = builds ? all.filter((job) => isRunning(job) || all.find((each) => each.title === job.title) === job) : all;
  return (
    <ul class="jobs" aria-label={builds ? "Builds" : "Jobs"}>
      {shown.map((job) => {
        const running = isRunning(job);
        const files = Array.isArray(job.result.files) ? (job.result.files as { path: string; preset: string }[]) : [];
        return (
          <li key={job.id}>
            <strong>{job.title}</strong>
            {running && <progress max="1" value={job.share} aria-label={job.title} />}
            <span role="status">{running ? `${job.stage || "Starting"} …${job.left_s === null ? "" : ` ${clock(job.left_s)} left`}` : STATES[job.state]}</span>
            {running && <button onClick={() => void api.cancelJob(job.id)}>Cancel</button>}
            {job.error && <p class="error">{job.error.message} {job.error.hint}</p>}
            {files.map(({ path: whole, preset }) => {
              const file = whole.replace(`${project.value?.folder ?? ""}/`, "");
              return (
              <div class="row" key={file}>
                {files.length > 1 && <span>{file}</span>}
                <audio controls aria-label={file} src={api.resultAddress(file)} />
                <a class="button" href={api.resultAddress(file, true)}>Download</a>
                <button onClick={() => void start({ kind: "verify", path: file, preset })}>Verify</button>
              </div>
              );
            })}
            {Array.isArray(job.result.items) && <Verdict items={job.result.items as Item[]} />}
            {Array.isArray(job.result.built) && <Artefacts job={job} />}
          </li>
        );
      })}
    </ul>
  );
}

const STATES = { waiting: "Waiting", running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled" };
interface Item { item: string; outcome: string; found: string; asked: string }

function Verdict({ items }: { items: Item[] }) {
  return (
    <table><caption>What was measured</caption>
      <thead><tr><th scope="col">Item</th><th scope="col">Verdict</th><th scope="col">Found</th><th scope="col">Required</th></tr></thead>
      <tbody>{items.map((each) => <tr key={each.item} class={each.outcome}><th scope="row">{each.item}</th><td>{each.outcome}</td><td>{each.found}</td><td>{each.asked}</td></tr>)}</tbody>
    </table>
  );
}
