/** The studio's page. */

import { render } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "./api";
import { Record } from "./record";
import { fixOf } from "./fixes";
import { Finish } from "./finish";
import { Home } from "./home";
import { Listen } from "./listen";
import { checked, close, editor, faults, load, notice, outline, path, saving, settle, step, type View, view } from "./state";
import { Time } from "./time";
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
          <button onClick={() => { notice.value = null; }}>Close</button>
        </div>
      )}
      {path.value && saving.value === "conflict" && (
        <div class="notice" role="alert">
          <p><strong>Another program has changed this file, too.</strong> Your changes are not saved yet. Which version do you want to keep?</p>
          <button onClick={() => void settle(true)}>Keep my version</button>
          <button onClick={() => void settle(false)}>Use the other version</button>
        </div>
      )}
      {path.value ? <Script /> : <Home />}
    </>
  );
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
      <h2>{!checked.value ? "Checking …" : all.length ? `${faults.value.length} to fix, ${all.length - faults.value.length} to consider` : "Nothing to fix"}</h2>
      <ul>
        {all.map((each, number) => (
          <li key={number} class={each.severity}>
            <button onClick={() => show(each.line, each.column)} disabled={each.path !== path.value}>
              <strong>{each.message}</strong><span>{each.hint}</span><small>{each.path === path.value ? `line ${each.line}` : `${each.path}:${each.line}`} {each.rule}</small>
            </button>
            <Fix problem={each} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

/** What the hint of a finding proposes, at one click. */
function Fix({ problem }: { problem: Problem }) {
  const change = problem.path === path.value ? fixOf(problem, editor.text) : null;
  return change && <button class="fix" onClick={() => editor.apply([change])}>Change to {change.text}</button>;
}

const root = document.getElementById("studio");
if (root) render(<App />, root);
