/** Builds the page from its source: `node build.mjs [--watch] [--outdir=FOLDER]`; scripts/web calls it. */

import { readFileSync, writeFileSync } from "node:fs";
import * as esbuild from "esbuild";

const option = process.argv.find((each) => each.startsWith("--outdir="));
const outdir = option ? option.slice("--outdir=".length) : "../static";
const options = {
  entryPoints: { app: "src/app.tsx", microphone: "src/microphone.ts", style: "src/style.css" },
  outdir,
  bundle: true,
  minify: true,
  metafile: true,
  legalComments: "none",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  format: "iife",
  charset: "utf8",
};

/** The licences of all packages that are part of the bundle, beside it. */
function licences(metafile) {
  const packages = new Set();
  for (const file of Object.keys(metafile.inputs)) {
    const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
    if (found) packages.add(found[1]);
  }
  const parts = [...packages].sort().map((name) => {
    const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
    return `${name} ${version} (${license})\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`;
  });
  return `What app.js holds beside Breathmark's own code:\n\n${parts.join(`\n${"-".repeat(72)}\n\n`)}`;
}

if (process.argv.includes("--watch")) await (await esbuild.context(options)).watch();
else writeFileSync(`${outdir}/LICENSES.txt`, licences((await esbuild.build(options)).metafile));
