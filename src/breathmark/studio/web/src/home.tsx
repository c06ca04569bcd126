/** Home: the folder's scripts and courses, and the state of each. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as api from "./api";
import { Courses } from "./course";
import { Jobs } from "./finish";
import { clock } from "./lists";
import { edit, lookAtScripts, open, project, report, states } from "./state";

const EXAMPLE = "example.yaml";
const opening = signal(false);

export function Home() {
  const found = project.value;
  useEffect(() => { void lookAtScripts(); }, [found]);
  if (!found) return <main><p class="quiet" role="status">Loading …</p></main>;
  return (
    <main class="page">
      <NewScript />
      <Courses paths={found.courses} />
      <Jobs builds />
      <h2>Scripts</h2>
      <ul class="files">
        {found.scripts.map((each) => (
          <li key={each.path}>
            <button disabled={!!each.fault} onClick={() => void open(each.path)}><strong>{each.title || each.path}</strong><span>{each.path}</span></button>
            {each.fault ? <small class="state error">{each.fault}</small> : <State path={each.path} />}
          </li>
        ))}
        {!found.scripts.length && <li class="quiet">There is no script in {found.folder} yet.</li>}
      </ul>
      <Jobs />
    </main>
  );
}

function State({ path }: { path: string }) {
  const state = states.value[path];
  if (!state) return <small class="state">…</small>;
  const errors = state.problems.filter((each) => each.severity === "error").length;
  const others = state.problems.length - errors;
  const lengths = state.feasible.map(([from, to]) => (to - from < 1 ? clock(from) : `${clock(from)}–${clock(to)}`)).join(", ");
  const newest = state.finished[0];
  return (
    <small class="state">
      {[lengths && `${state.estimated ? "about " : ""}${lengths}`, errors && `${errors} to fix`, others && `${others} to consider`].filter(Boolean).join(" · ")}
      {newest && <> · <a href={api.resultAddress(newest)} target="_blank" rel="noopener">{newest.split("/").pop()}</a>{state.finished.length > 1 && ` and ${state.finished.length - 1} more`}</>}
    </small>
  );
}

function NewScript() {
  return (
    <form class="row" onSubmit={(event) => {
      event.preventDefault();
      const input = event.currentTarget.elements.namedItem("name") as HTMLInputElement;
      void startNew(input.value);
    }}>
      <label class="field"><span>A new meditation</span><input name="name" required pattern="[\w][\w \-]*" placeholder="evening" /></label>
      <button class="main">Create</button>
      <button type="button" disabled={opening.value} onClick={() => void openExample()}>Open an example</button>
    </form>
  );
}

/** What a new meditation begins with, under its own title; one that is there already is opened as it is. */
async function openExample(): Promise<void> {
  opening.value = true;
  try {
    if (!project.value?.scripts.some((each) => each.path === EXAMPLE)) await api.post("new", { path: EXAMPLE });
    await open(EXAMPLE);
  } catch (error) {
    report(error);
  }
  opening.value = false;
}

async function startNew(name: string): Promise<void> {
  try {
    const made = await api.post<{ path: string }>("new", { path: `${name.trim().toLowerCase().replace(/\s+/g, "-")}.yaml` });
    await open(made.path);
    const title = name.trim();
    await edit(() => ({ op: "set", path: ["title"], value: title.charAt(0).toUpperCase() + title.slice(1) }));
  } catch (error) {
    report(error);
  }
}
