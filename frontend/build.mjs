// Builds styles, scripts and fonts into the package: hashed names, a manifest that says which
// is which (read by web/project/static_files.py), and gzip and brotli beside each text file.
import { build, context } from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = "../src/waystation/web/static/dist";
const watching = process.argv.includes("--watch");

/** Return the licences of every package that went into what is built. */
async function licences(inputs) {
  const folders = inputs.map((path) => path.match(/^(node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]);
  const parts = [];
  for (const folder of [...new Set(folders.filter(Boolean))].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    parts.push(`${name} ${version} (${license})\n\n${texts.join("\n")}`);
  }
  return parts.join(`\n${"-".repeat(72)}\n`);
}

const finish = {
  name: "finish",
  setup(setup) {
    setup.onEnd(async ({ metafile, errors }) => {
      if (errors.length) return;
      const names = {};
      await writeFile(join(OUT, "licences.txt"), await licences(Object.keys(metafile.inputs)));
      for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
        if (entryPoint && !path.endsWith(".map")) {
          const plain = basename(path).replace(/-[A-Z0-9]{8}(?=\.)/, "");
          names[`dist/${plain}`] = `dist/${basename(path)}`;
        }
        if (![".js", ".css"].includes(extname(path))) continue;
        const bytes = await readFile(path);
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: watching ? 1 : 11 } };
        await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        await writeFile(`${path}.br`, brotliCompressSync(bytes, quality));
      }
      await writeFile(join(OUT, "manifest.json"), `${JSON.stringify(names, null, 1)}\n`);
    });
  },
};

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const options = {
  entryPoints: [
    { in: "src/app.ts", out: "app" },
    { in: "src/map.ts", out: "map" },
    { in: "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs", out: "map-worker" },
    { in: "src/chart.ts", out: "chart" },
    { in: "src/mapping.ts", out: "mapping" },
    { in: "styles/app.css", out: "app" },
    { in: "styles/map.css", out: "map" },
  ],
  outdir: OUT,
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "fonts/[name]-[hash]",
  loader: { ".woff2": "file" },
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: ["chrome111", "firefox115", "safari16.4"],
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
  plugins: [finish],
};
if (watching) await (await context(options)).watch();
else await build(options);
