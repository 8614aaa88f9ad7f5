// Judges state proofs with @confio/ics23, the npm package of ICS-23.
//
// Reads a JSON array of {root, key, value, state} (base64; value null for an absence) and writes an
// array of answers: "" when the package accepts, the reason otherwise. The package (0.6.8) is older
// than the `smt` specification: that is given to it here, and since it cannot compare keys by their
// hashes, of an absence it judges both neighbours, and the order of hashes is looked at here.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import ics23Package from "@confio/ics23";
import { decompress } from "@confio/ics23/build/compress.js";

const { ics23, verifyExistence, verifyMembership } = ics23Package;
const { HashOp, LengthOp } = ics23;

const SMT = {
  leafSpec: {
    hash: HashOp.SHA256,
    prehashKey: HashOp.SHA256,
    prehashValue: HashOp.SHA256,
    length: LengthOp.NO_PREFIX,
    prefix: Uint8Array.from([0]),
  },
  innerSpec: {
    childOrder: [0, 1],
    childSize: 32,
    minPrefixLength: 1,
    maxPrefixLength: 1,
    emptyChild: new Uint8Array(32),
    hash: HashOp.SHA256,
  },
  maxDepth: 256,
};

const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const path = (key) => createHash("sha256").update(key).digest();

function judge({ root, key, value, state }) {
  const proof = ics23.CommitmentProof.decode(bytes(state));
  if (value !== null) {
    return verifyMembership(proof, SMT, bytes(root), bytes(key), bytes(value))
      ? ""
      : "the package refuses it";
  }
  const { nonexist } = decompress(proof).batch.entries[0];
  if (!Buffer.from(nonexist.key).equals(Buffer.from(bytes(key)))) return "it is for another key";
  for (const side of [nonexist.left, nonexist.right]) {
    if (side) verifyExistence(side, SMT, bytes(root), side.key, side.value);
  }
  const own = path(bytes(key));
  const ordered =
    (!nonexist.left || Buffer.compare(path(nonexist.left.key), own) < 0) &&
    (!nonexist.right || Buffer.compare(own, path(nonexist.right.key)) < 0);
  return ordered ? "" : "the neighbours are not on either side of the key";
}

const cases = JSON.parse(readFileSync(0, "utf-8"));
const answers = cases.map((each) => {
  try {
    return judge(each);
  } catch (error) {
    return error.message || "refused";
  }
});
console.log(JSON.stringify(answers));
