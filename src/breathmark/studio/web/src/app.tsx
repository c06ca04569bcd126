/** The studio's page. */

import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Record } from "./record";
import * as api from "./api";
import { checked, close, editor, faults, load, notice, open, outline, path, project, report, saving, settle, start, step, type View, view } from "./state";
import { Finish, Jobs, Listen, Time } from "./views";
import { at, Source, Words } from "./words";

const VIEWS: [View, string][] = [["words", "Words"], ["source", "Source"], ["time", "Time"], ["listen", "Listen"], ["record", "Record"], ["finish", "Finish"]];
const SAVED = { saved: "Saved", changed: "…", saving: "Saving …", conflict: "Changed elsewhere" };

function App() {
  useEffect(() => { void load(); }, []);
  return (
    <>
      <header class="top">
        {path.value ? <button class="home" onClick={() => void close()}>← All scripts</button> : <h1>Breathmark</h1>}
        {path.value && <h1>{String(at(outline.value?.data, ["title"]) ?? path.value)}</h1>}
        {path.value && (
          <span class="tools history">
            <button onClick={() => void step(true)}>Undo</button>
            <button onClick={() => void step(false)}>Redo</button>
          </span>
        )}
        {path.value && <span role="status" class="saving">{SAVED[saving.value]}</span>}
      </header>
      {notice.value && (
        <div class="notice" role="alert">
          <p><strong>{notice.value.message}</strong> {notice.value.hint}</p>
          {saving.value === "conflict"
            ? <><button onClick={() => void settle(true)}>Keep what is here</button><button onClick={() => void settle(false)}>Take the other</button></>
            : <button onClick={() => { notice.value = null; }}>Close</button>}
        </div>
      )}
      {path.value ? <Script /> : <Home />}
    </>
  );
}

function Home() {
  const found = project.value;
  if (!found) return <main><p class="quiet" role="status">Looking around …</p></main>;
  return (
    <main class="page">
      <h2>Scripts</h2>
      <ul class="files">
        {found.scripts.map((each) => <li key={each.path}><button onClick={() => void open(each.path)}><strong>{each.title || each.path}</strong><span>{each.path}</span></button></li>)}
        {!found.scripts.length && <li class="quiet">There is no script in {found.folder} yet.</li>}
      </ul>
      <NewScript />
      {found.courses.length > 0 && <h2>Courses</h2>}
      <ul class="files">
        {found.courses.map((each) => (
          <li key={each}><span>{each}</span>
            <button onClick={() => void start({ kind: "build", path: each, dry_run: true })}>What is to do?</button>
            <button onClick={() => void start({ kind: "build", path: each })}>Build</button>
          </li>
        ))}
      </ul>
      <Jobs />
    </main>
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
      <button class="main">Begin</button>
    </form>
  );
}

async function startNew(name: string): Promise<void> {
  try {
    const made = await api.post<{ path: string }>("new", { path: `${name.trim().toLowerCase().replace(/\s+/g, "-")}.yaml` });
    await open(made.path);
  } catch (error) {
    report(error);
  }
}

function Script() {
  return (
    <div class="desk">
      <nav aria-label="Views">
        {VIEWS.map(([name, label]) => <button key={name} aria-current={view.value === name ? "page" : undefined} onClick={() => { view.value = name; }}>{label}</button>)}
      </nav>
      <main>
        {view.value === "words" && <Words />}
        {view.value === "source" && <Source />}
        {view.value === "time" && <Time />}
        {view.value === "listen" && <Listen />}
        {view.value === "record" && <Record />}
        {view.value === "finish" && <Finish />}
      </main>
      <Findings />
    </div>
  );
}

function Findings() {
  const all = checked.value?.problems ?? [];
  const show = (line: number, column: number) => { view.value = "source"; requestAnimationFrame(() => editor.go(line, column)); };
  return (
    <aside aria-label="Findings">
      <h2>{!checked.value ? "Reading …" : all.length ? `${faults.value.length} to mend, ${all.length - faults.value.length} to think about` : "Nothing to mend"}</h2>
      <ul>
        {all.map((each, number) => (
          <li key={number} class={each.severity}>
            <button onClick={() => show(each.line, each.column)} disabled={each.path !== path.value}>
              <strong>{each.message}</strong><span>{each.hint}</span><small>{each.path === path.value ? `line ${each.line}` : `${each.path}:${each.line}`} {each.rule}</small>
            </button>
          </li>
        ))}
      </ul>
    </aside>
  );
}

const root = document.getElementById("studio");
if (root) render(<App />, root);
