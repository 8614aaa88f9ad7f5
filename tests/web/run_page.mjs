// Runs the verifier of the page on cases from stdin, with Node's Web Crypto:
//     node run_page.mjs PAGE < [{"policy": base64, "file": base64} or {"policy", "text"}, ...]
// Writes, for each, {"proven": …} or {"step", "reason"}.
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const page = readFileSync(process.argv[2], "utf-8");
runInThisContext(/<script id="verifier">([^]*?)<\/script>/.exec(page)[1]);
const { verify, fromText, fromFile, Refused } = globalThis.CtlVerify;

const bytesOf = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const answers = [];
for (const { policy, file, text } of JSON.parse(readFileSync(0, "utf-8"))) {
  try {
    const bytes = text === undefined ? fromFile(bytesOf(file)) : fromText(text);
    answers.push({ proven: await verify(bytes, bytesOf(policy)) });
  } catch (error) {
    if (!(error instanceof Refused)) throw error; // a defect of the page
    answers.push({ step: error.step, reason: error.reason });
  }
}
console.log(JSON.stringify(answers));
