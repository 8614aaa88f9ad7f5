// Runs scripts of the page on cases from stdin, with Node's Web Crypto:
//     node run_page.mjs PAGE < [{"policy": base64, "file": base64} or {"policy", "text"}, ...]
// Writes, for each, {"proven": …} or {"step", "reason"}. Two cases are of another kind:
//     {"key", "message", "signature"}, in hex      → whether the page's own Ed25519 takes it
//     {"width", "height", "pixels": base64}        → the texts of codes in a picture, in RGBA
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const page = readFileSync(process.argv[2], "utf-8");
for (const name of ["verifier", "scanner"]) {
  runInThisContext(new RegExp(`<script id="${name}">([^]*?)</script>`).exec(page)[1]);
}
const { verify, fromText, fromFile, Refused, plainEd25519 } = globalThis.CtlVerify;

const bytesOf = (text, form = "base64") => Uint8Array.from(Buffer.from(text, form));
async function answer({ policy, file, text, key, message, signature, width, height, pixels }) {
  if (key !== undefined) return plainEd25519(...[key, message, signature].map((each) => bytesOf(each, "hex")));
  if (pixels !== undefined) return CtlScanner.read({ width, height, data: bytesOf(pixels) });
  try {
    const bytes = text === undefined ? await fromFile(bytesOf(file)) : await fromText(text);
    return { proven: await verify(bytes, bytesOf(policy)) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // a defect of the page
    return { step: error.step, reason: error.reason };
  }
}
const answers = [];
for (const each of JSON.parse(readFileSync(0, "utf-8"))) answers.push(await answer(each));
console.log(JSON.stringify(answers));
