// Verifies tlog-proof files against a tlog-policy, with nothing but Node's own crypto.
//
//     node tlog_proof.mjs POLICY FILE...
//
// Written from c2sp.org/tlog-proof, tlog-policy, tlog-checkpoint, tlog-cosignature, signed-note and
// RFC 6962; it shares no code with the ledger. One line a file, "ok   FILE: …" or "FAIL FILE: …";
// exit status 0 when all are proven, 1 when one is not, 2 when the policy cannot be used.
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { readFileSync } from "node:fs";

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  parts.forEach((part) => hash.update(part));
  return hash.digest();
};

function refuse(reason) {
  throw new Error(reason);
}

function base64(text) {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : refuse("not canonical base64");
}

function decimal(text) {
  return /^(0|[1-9][0-9]{0,18})$/.test(text) ? BigInt(text) : refuse("not a plain decimal");
}

// ------------------------------------------------------------ keys and notes

function parseKey(text, type) {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text) ?? refuse("not a vkey");
  const material = base64(match[3]);
  const id = sha256(Buffer.from(`${match[1]}\n`), material).subarray(0, 4);
  if (material.length !== 33 || material[0] !== type) refuse("another type of key");
  if (id.toString("hex") !== match[2]) refuse("the key id is not the key's");
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), material.subarray(1)]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  return { name: match[1], id, key };
}

function parseNote(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) refuse("a control character");
  const at = text.lastIndexOf("\n\n");
  if (at < 0 || !text.endsWith("\n")) refuse("not a signed note");
  const signatures = text.slice(at + 2, -1).split("\n").map((line) => {
    const match = /^— (\S+) (\S+)$/u.exec(line) ?? refuse("not a signature line");
    const raw = base64(match[2]);
    return raw.length > 4
      ? { name: match[1], id: raw.subarray(0, 4), raw: raw.subarray(4) }
      : refuse("a short signature");
  });
  return { text: text.slice(0, at + 1), signatures };
}

const isBy = (line, key) => line.name === key.name && line.id.equals(key.id);

function checkLog(note, line, key) {
  if (line.raw.length !== 64) refuse("a log signature of another length");
  if (!verifySignature(null, Buffer.from(note.text), key.key, line.raw)) {
    refuse("the log's signature does not hold");
  }
}

function checkCosignature(note, line, key) {
  if (line.raw.length !== 72) refuse("a cosignature of another length");
  const time = line.raw.readBigUInt64BE(0);
  const message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
  if (!verifySignature(null, message, key.key, line.raw.subarray(8))) {
    refuse(`the cosignature of ${key.name} does not hold`);
  }
}

// ------------------------------------------------------------ policy

function parsePolicy(bytes) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: undefined };
  for (const line of bytes.toString("utf-8").split("\n")) {
    const [word, ...rest] = line.split(/[ \t]+/).filter((item) => item);
    if (word === undefined || word.startsWith("#")) continue;
    const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
    if (word === "log") policy.logs.push(parseKey(rest[0], 0x01));
    else if (word === "witness") policy.witnesses.set(rest[0], parseKey(rest[1], 0x04));
    else if (word === "group") {
      const [name, threshold, ...members] = rest;
      if (!members.every(known) || known(name)) refuse(`group ${name}`);
      const count = { all: members.length, any: 1 }[threshold] ?? Number(decimal(threshold));
      if (!(count >= 1 && count <= members.length)) refuse(`threshold of ${name}`);
      policy.groups.set(name, { count, members });
    } else if (word === "quorum") {
      if (rest[0] !== "none" && !known(rest[0])) refuse(`quorum ${rest[0]}`);
      policy.quorum = rest[0];
    } else refuse(`line ${word}`);
  }
  return policy.quorum === undefined ? refuse("no quorum line") : policy;
}

function quorumMet(policy, cosigned) {
  const holding = new Set(cosigned);
  for (const [name, { count, members }] of policy.groups) {
    if (members.filter((each) => holding.has(each)).length >= count) holding.add(name);
  }
  return policy.quorum === "none" || holding.has(policy.quorum);
}

// ------------------------------------------------------------ proofs

function rootOf(leaf, index, size, path) {
  // RFC 9162, section 2.1.3.2
  let [node, last, hash] = [index, size - 1n, leaf];
  for (const sibling of path) {
    if (last === 0n) refuse("the path is too long");
    if (node & 1n || node === last) {
      hash = sha256(Buffer.from([1]), sibling, hash);
      while (!(node & 1n) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else hash = sha256(Buffer.from([1]), hash, sibling);
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n ? hash : refuse("the path is too short");
}

function verifyProof(bytes, policy) {
  const at = bytes.indexOf("\n\n");
  if (at < 0) refuse("no empty line");
  const lines = bytes.subarray(0, at).toString("latin1").split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") refuse("another first line");
  if (!lines[0]?.startsWith("extra ")) refuse("no extra line");
  const entry = base64(lines.shift().slice(6));
  if (!lines[0]?.startsWith("index ")) refuse("no index line");
  const index = decimal(lines.shift().slice(6));
  const path = lines.map(base64);
  if (!path.every((hash) => hash.length === 32)) refuse("a hash of another length");

  const note = parseNote(bytes.subarray(at + 2));
  const [origin, sizeText, rootText, ...more] = note.text.slice(0, -1).split("\n");
  const [size, root] = [decimal(sizeText), base64(rootText)];
  if (!more.every((line) => line)) refuse("an empty line in the checkpoint");

  let logged = false;
  const cosigned = new Set();
  for (const line of note.signatures) {
    const log = policy.logs.find((key) => key.name === origin && isBy(line, key));
    if (log) {
      checkLog(note, line, log);
      logged = true;
    }
    for (const [name, key] of policy.witnesses) {
      if (isBy(line, key)) {
        checkCosignature(note, line, key);
        cosigned.add(name);
      }
    }
  }
  if (!logged) refuse("no signature by a log of the policy");
  if (!quorumMet(policy, cosigned)) refuse("the cosignatures do not make the quorum");
  if (index >= size) refuse("the index lies outside the tree");
  const leaf = sha256(Buffer.from([0]), entry);
  if (!rootOf(leaf, index, size, path).equals(root)) refuse("the path leads to another root");
  return `entry ${index} of ${size} in ${origin}, ${entry.length} bytes, ${cosigned.size} cosignatures`;
}

// ------------------------------------------------------------ command line

let policy;
const [policyFile, ...files] = process.argv.slice(2);
try {
  policy = parsePolicy(readFileSync(policyFile));
} catch (error) {
  console.error(`policy ${policyFile}: ${error.message}`);
  process.exit(2);
}
let failed = 0;
for (const file of files) {
  try {
    console.log(`ok   ${file}: ${verifyProof(readFileSync(file), policy)}`);
  } catch (error) {
    failed = 1;
    console.log(`FAIL ${file}: ${error.message}`);
  }
}
process.exitCode = failed;
