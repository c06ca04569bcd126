/** Courses: what of each session is finished, what is not and why, and what listeners will see. */

import * as api from "./api";
import { notice, report, start } from "./state";

export function Courses({ paths }: { paths: string[] }) {
  if (!paths.length) return null;
  return (
    <>
      <h2>Courses</h2>
      <ul class="files">
        {paths.map((each) => (
          <li key={each}><span>{each}</span>
            <button aria-label={`What needs building in ${each}?`} onClick={() => void start({ kind: "build", path: each, dry_run: true })}>What needs building?</button>
            <button aria-label={`Build ${each}`} onClick={() => void start({ kind: "build", path: each })}>Build</button>
          </li>
        ))}
      </ul>
    </>
  );
}

interface Course { current: string[]; todo: Record<string, string>; built: string[]; failed: Record<string, string>; opened: Record<string, string> }
interface Cell { session: string; length: string; state: string; done: boolean }

/** Of `evening/evening-02m.mp3`, the session is `evening` and the length `02m`. */
function cell(key: string, state: string, done: boolean): Cell {
  const [, session = key, length = ""] = /^(?:(.*)\/)?[^/]*?-(\d+m(?:\d\ds)?[^/]*)$/.exec(key) ?? [];
  return { session, length: length.replace(/\.\w+$/, "").replace(/^0/, ""), state, done };
}

/** Sessions and their lengths, as a build has left them or found them. */
export function Artefacts({ job }: { job: api.Job }) {
  const course = job.result as unknown as Course;
  const made = new Set(course.built);
  const cells = [
    ...course.current.map((key) => cell(key, "current", true)),
    ...course.built.map((key) => cell(key, "built", true)),
    ...Object.entries(course.todo).filter(([key]) => !made.has(key)).map(([key, why]) => cell(key, course.failed[key] ?? why, false)),
  ];
  const sessions = [...new Set(cells.map((each) => each.session))].sort();
  const faults = Object.entries(course.failed).filter(([key]) => !(key in course.todo));
  return (
    <>
      <p>{course.built.length} built, {course.current.length} current, {Object.keys(course.todo).length - course.built.length} to build.</p>
      <table class="course"><caption>Sessions and lengths</caption>
        <thead><tr><th scope="col">Session</th><th scope="col">Finished</th><th scope="col">To build, and why</th></tr></thead>
        <tbody>
          {sessions.map((session) => {
            const own = cells.filter((each) => each.session === session);
            return (
              <tr key={session}>
                <th scope="row">{session}</th>
                <td>{own.filter((each) => each.done).map((each) => each.length).sort().join(", ")}</td>
                <td>{own.filter((each) => !each.done).map((each) => `${each.length}: ${each.state}`).sort().join("; ")}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {faults.map(([name, why]) => <p key={name} class="error">{name}: {why}</p>)}
      {Object.keys(course.opened).map((publisher) => (
        <button key={publisher} onClick={() => void open(job.id, publisher)}>Open the {publisher}</button>
      ))}
    </>
  );
}

async function open(job: string, publisher: string): Promise<void> {
  try {
    const found = await api.post<{ address: string; opened: boolean }>(`jobs/${job}/open/${publisher}`, {});
    if (!found.opened) notice.value = { message: `The ${publisher} is at ${found.address}`, hint: "Open this address in a browser on the computer that the studio runs on." };
  } catch (error) {
    report(error);
  }
}
