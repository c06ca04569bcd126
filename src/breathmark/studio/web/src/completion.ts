/** Completion in Source: keys and values as the script's JSON Schema has them, and markers in what is said. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import * as api from "./api";

interface Schema {
  properties?: Record<string, Schema>; items?: Schema; $ref?: string; anyOf?: Schema[]; oneOf?: Schema[];
  additionalProperties?: Schema | boolean; enum?: unknown[]; const?: unknown; description?: string; $defs?: Record<string, Schema>;
}

const MARKERS = [
  ["[pause 5s]", "a pause of about five seconds"], ["[pause 3s..5s..12s]", "a pause: at least, about, at most"],
  ["[short]", "a short pause"], ["[long]", "a long pause"], ["[bell]", "a bell"], ["[note: …]", "for whoever reads or records it; not spoken"],
  ["[say: … | …]", "how a word is said, and how it is shown"],
] as const;

let schema: Promise<Schema> | null = null;

/** A schema with what it refers to, and all of its alternatives. */
function flat(root: Schema, one: Schema | undefined): Schema[] {
  if (!one) return [];
  const target = one.$ref?.startsWith("#/$defs/") ? root.$defs?.[one.$ref.slice(8)] : undefined;
  return [one, ...(target ? flat(root, target) : []), ...[...(one.anyOf ?? []), ...(one.oneOf ?? [])].flatMap((each) => flat(root, each))];
}

function inside(root: Schema, found: Schema[], step: string): Schema[] {
  return found.flatMap((each) => {
    if (step === "-") return flat(root, each.items);
    const other = typeof each.additionalProperties === "object" ? each.additionalProperties : undefined;
    return flat(root, each.properties?.[step] ?? other);
  });
}

/** What a line begins with: the dashes of lists and a key, each with its column. */
function beginnings(line: string): [number, string][] {
  const [, spaces = "", dashes = "", key] = /^( *)((?:- +)*)(?:([^\s#:'"]+):(?: |$))?/.exec(line) ?? [];
  const found: [number, string][] = [...dashes.matchAll(/-/g)].map((each) => [spaces.length + each.index, "-"]);
  if (key) found.push([spaces.length + dashes.length, key]);
  return found;
}

/** The keys around a column of a line, the outermost first; `-` is an item of a list. */
export function pathAt(lines: string[], number: number, column: number): string[] {
  const found: string[] = [];
  let limit = column;
  for (let at = number; at >= 0 && (limit > 0 || found[0] === "-"); at--) {
    for (const [place, name] of beginnings(lines[at] ?? "").reverse()) {
      // A list may stand as far left as the key that it belongs to.
      if (place > limit || (place === limit && (found[0] !== "-" || name === "-"))) continue;
      found.unshift(name);
      limit = place;
    }
  }
  return found;
}

export async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const marker = context.matchBefore(/\[[\w ]*/);
  if (marker) return { from: marker.from, options: MARKERS.map(([label, detail]) => ({ label, detail, type: "keyword" })) };
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const value = /^( *(?:- +)*)([\w]+): +(\S*)$/.exec(before);
  const key = /^( *(?:- +)*)(\w*)$/.exec(before);
  if (!value && !(key && (context.explicit || key[2]))) return null;
  const root = await (schema ??= api.get<Schema>("schema"));
  const lines = context.state.doc.toString().split("\n");
  const steps = pathAt(lines, line.number - 1, ((value ?? key)?.[1] ?? "").length);
  const here = steps.reduce((found, step) => inside(root, found, step), flat(root, root));
  if (value) {
    const values = inside(root, here, value[2] ?? "").flatMap((each) => each.enum ?? (each.const === undefined ? [] : [each.const]));
    return values.length ? { from: context.pos - (value[3]?.length ?? 0), options: values.map((each) => ({ label: String(each), type: "constant" })) } : null;
  }
  const options = new Map<string, Completion>();
  for (const each of here) {
    for (const [label, about] of Object.entries(each.properties ?? {})) {
      options.set(label, { label, apply: `${label}: `, info: about.description, type: "property" });
    }
  }
  return options.size ? { from: context.pos - (key?.[2]?.length ?? 0), options: [...options.values()] } : null;
}
