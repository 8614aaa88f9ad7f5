// The page around the verifier: files, texts and pictures in, words out. Everything shown is set as
// text, never as HTML.
"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const [policy, proof, result, camera] = ["policy", "proof", "result", "camera"].map(at);
  let file = null; // bytes of a proof that came as a file

  const element = (tag, text, kind) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const listOf = (rows) => {
    const list = document.createElement("dl");
    for (const [label, text] of rows) list.append(element("dt", label), element("dd", text));
    return list;
  };
  const says = (id, kind, text) => {
    at(id).className = `says ${kind}`;
    at(id).textContent = text;
  };
  function show(kind, title, said, rows, object = []) {
    result.className = kind;
    result.hidden = false;
    result.replaceChildren(element("h2", title), element("p", said, "said"), listOf(rows));
    if (object.length > 0) {
      const more = document.createElement("details");
      more.open = object.length <= 24;
      more.append(element("summary", "The object, amounts in minor units"), listOf(object));
      result.append(more);
    }
    result.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  // ---------------------------------------------------------------- verifying
  const policyBytes = () => {
    const text = policy.value;
    return new TextEncoder().encode(text.endsWith("\n") ? text : `${text}\n`);
  };
  async function verify() {
    if (!globalThis.crypto?.subtle) {
      show("bad", "Not verified", "This browser keeps its cryptography from pages that came over plain "
        + "HTTP. Save the page and open it from disk.", []);
      return;
    }
    try {
      const bytes = file ?? await CtlVerify.fromText(proof.value);
      const found = await CtlVerify.verify(bytes, policyBytes());
      show("good", found.absent ? "Proven: it did not exist" : "Proven",
        `At ${found.time}, ${found.said}.`, [
          ["as of", `after block ${found.height}, ${found.time}\n${found.newest
            ? "the newest block under the checkpoint: nothing changed it up to there"
            : "not the newest block under the checkpoint: later ones may have changed it"}`],
          ["cosigned by", found.cosigned.map((each) => `${each.member} at ${each.time}`).join("\n")],
          ["quorum", `asked for: ${found.quorum}`],
          ["key", found.key],
          ["log", `${found.origin}, ${found.size} entries, root ${found.root}`],
          ["state root", found.stateRoot],
        ], found.fields);
    } catch (error) {
      const known = error instanceof CtlVerify.Refused;
      show("bad", "Not proven", "This code proves nothing under this policy.", known
        ? [["failed at", error.step], ["found", error.reason]]
        : [["found", `this browser cannot check it: ${error.message}`]]);
    }
  }
  async function describePolicy() {
    if (policy.value.trim() === "") { says("policy-says", "", ""); return; }
    try {
      const found = await CtlVerify.describe(policyBytes());
      says("policy-says", "good", `Log ${found.log}; cosignatures asked for: ${found.quorum}`);
    } catch (error) {
      says("policy-says", "bad", `This is no policy: ${error.reason ?? error.message}`);
    }
  }

  // ---------------------------------------------------------------- codes
  /** Take texts of codes as they are found; true once the proof is whole. */
  function takeCodes(texts) {
    const ours = texts.filter((text) => /^CTL[1P]:/.test(text));
    if (ours.length === 0) return false;
    file = null;
    const whole = ours.find((text) => text.startsWith("CTL1:"));
    if (whole !== undefined) { proof.value = whole; says("proof-says", "good", "Code read."); return true; }
    const parts = new Map();
    let newest = null;
    for (const text of [...proof.value.split(/[\r\n]+/), ...ours]) {
      try {
        const found = CtlVerify.part(text);
        if (found.file !== newest) parts.clear();
        newest = found.file;
        parts.set(found.number, { text, count: found.count });
      } catch { /* what stood there before, or a code of somebody else */ }
    }
    const [{ count }] = [...parts.values()].slice(-1);
    proof.value = [...parts.keys()].sort((a, b) => a - b).map((n) => parts.get(n).text).join("\n");
    const left = Array.from({ length: count }, (_, n) => n + 1).filter((n) => !parts.has(n));
    says("proof-says", left.length ? "" : "good", left.length
      ? `${parts.size} of ${count} codes read; still to come: ${left.join(", ")}` : "All codes read.");
    return left.length === 0;
  }
  /** The texts of all codes in a picture: by the browser's own reader, and by ours. */
  async function codesIn(source, width, height) {
    if ("BarcodeDetector" in globalThis) {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      const found = await detector.detect(source).catch(() => []);
      if (found.length > 0) return found.map((each) => each.rawValue);
    }
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const drawing = canvas.getContext("2d", { willReadFrequently: true });
    drawing.fillStyle = "#fff";
    drawing.fillRect(0, 0, width, height);
    drawing.drawImage(source, 0, 0, width, height);
    return CtlScanner.read(drawing.getImageData(0, 0, width, height));
  }
  async function codesInPicture(chosen) {
    const picture = await createImageBitmap(chosen);
    // Fine prints need every pixel, large photographs of a code are read better when smaller.
    for (const scale of [1, 0.5, 2]) {
      const [width, height] = [picture.width, picture.height].map((each) => Math.round(each * scale));
      if (width * height > 4e7) continue;
      const texts = await codesIn(picture, width, height);
      if (texts.some((text) => /^CTL[1P]:/.test(text))) return texts;
    }
    return [];
  }
  async function takeFiles(files) {
    file = null;
    let whole = false;
    for (const chosen of files) {
      if (chosen.type.startsWith("image/")) {
        const texts = await codesInPicture(chosen);
        if (texts.length === 0) {
          says("proof-says", "bad", `No code found in ${chosen.name}: is it sharp, and all of it there?`);
          return;
        }
        whole = takeCodes(texts);
      } else {
        const bytes = new Uint8Array(await chosen.arrayBuffer());
        const text = new TextDecoder().decode(bytes);
        const parts = text.split(/[\r\n]+/).filter((line) => line.startsWith("CTLP:"));
        if (bytes[0] === 0x93) {
          file = bytes;
          proof.value = `${chosen.name}, ${bytes.length} bytes`;
          says("proof-says", "", "");
        } else if (parts.length === 0) proof.value = text;
        whole = parts.length > 0 ? takeCodes(parts) : true;
      }
    }
    if (whole) await verify();
  }
  async function scan() {
    const stream = await navigator.mediaDevices.getUserMedia(
      { video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } });
    camera.srcObject = stream;
    camera.hidden = false;
    await camera.play();
    const stop = () => {
      stream.getTracks().forEach((track) => track.stop());
      camera.hidden = true;
    };
    const look = async () => {
      if (camera.hidden) return;
      const texts = await codesIn(camera, camera.videoWidth, camera.videoHeight);
      if (!takeCodes(texts)) { requestAnimationFrame(() => look().catch(stop)); return; }
      stop();
      await verify();
    };
    await look();
  }

  // ---------------------------------------------------------------- wiring
  const failed = (error) => show("bad", "That did not work", error.message, []);
  const takePolicy = async ([chosen]) => {
    policy.value = await chosen.text();
    await describePolicy();
    if (file !== null || proof.value.trim() !== "") await verify();
  };
  const wire = (name, take) => {
    const [area, input] = [at(`${name}-drop`), at(`${name}-file`)];
    const given = (files) => { if (files.length > 0) take([...files]).catch(failed); };
    input.addEventListener("change", () => given(input.files));
    for (const [kind, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
      area.addEventListener(kind, (event) => {
        event.preventDefault();
        area.classList.toggle("over", over);
        if (kind === "drop") given(event.dataTransfer.files);
      });
    }
  };
  wire("policy", takePolicy);
  wire("proof", takeFiles);
  at("verify").addEventListener("click", verify);
  policy.addEventListener("input", describePolicy);
  proof.addEventListener("input", () => { file = null; says("proof-says", "", ""); });
  if (navigator.mediaDevices?.getUserMedia) {
    at("scan").hidden = false;
    at("scan").addEventListener("click", () => scan().catch(failed));
  }
  describePolicy();
})();
