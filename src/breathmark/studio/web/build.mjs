/** Builds the page from its source: `node build.mjs`, or `node build.mjs --watch`. */

import * as esbuild from "esbuild";

const options = {
  entryPoints: { app: "src/app.tsx", microphone: "src/microphone.ts", style: "src/style.css" },
  outdir: "../static",
  bundle: true,
  minify: true,
  legalComments: "none",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  format: "iife",
  charset: "utf8",
};

if (process.argv.includes("--watch")) await (await esbuild.context(options)).watch();
else await esbuild.build(options);
