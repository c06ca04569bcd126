/** Corrections that the hint of a finding proposes: "did you mean `length`?" */

import type { Change, Problem } from "./api";

const PROPOSED = /did you mean (?:the [a-z]+ )?[`“]?([^`”?]+)[`”]?\?/;
/** What stands for a marker and is none: `(pause)`. */
const MARKER = /^write `(\[[^`]+\])`;/;

/** The change that writes what was meant in place of what stands at the finding; null where it proposes nothing. */
export function fixOf(problem: Problem, text: string): Change | null {
  const marker = MARKER.exec(problem.hint)?.[1];
  const meant = marker ?? PROPOSED.exec(problem.hint)?.[1]?.trim();
  const lines = text.split("\n");
  const line = lines[problem.line - 1];
  if (!meant || line === undefined) return null;
  const begin = lines.slice(0, problem.line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const shown = marker && /^`([^`]+)`/.exec(problem.message)?.[1];
  if (marker) {
    const at = shown ? line.indexOf(shown, Math.max(problem.column - 1, 0)) : -1;
    return shown && at >= 0 ? { start: begin + at, end: begin + at + shown.length, text: marker } : null;
  }
  const wrong = (meant.startsWith("[") ? /\[[^\]]*\]/g : /[^\s:,"'[\]{}]+/g);
  wrong.lastIndex = Math.max(problem.column - 1, 0);
  const found = wrong.exec(line);
  if (!found || (found[0] === meant)) return null;
  return { start: begin + found.index, end: begin + found.index + found[0].length, text: meant };
}
