// Verifies compact state proofs ("ctlproof1") under a c2sp.org/tlog-policy, with the hashes of the
// Web Crypto API, and its Ed25519 where the browser has it. Written from docs/formats.md; shares no
// code with the ledger. CtlVerify.verify(bytes, policyBytes) resolves to what is proven, or rejects
// with a Refused that names the step. CtlVerify.fromText reads what a scanner gives.
"use strict";
globalThis.CtlVerify = (() => {
  class Refused extends Error {
    constructor(step, reason) {
      super(`${step}: ${reason}`);
      this.step = step;
      this.reason = reason;
    }
  }
  const refuse = (step, reason) => { throw new Refused(step, reason); };
  const MAX_TREE = 2n ** 63n - 1n;
  const MAX_FILE = 256 * 1024;
  const utf8 = new TextEncoder();
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  // ---------------------------------------------------------------- bytes
  const join = (...parts) => {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { out.set(part, at); at += part.length; }
    return out;
  };
  const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
  const isBytes = (value) => value instanceof Uint8Array;
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const sha256 = async (...parts) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
  const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const fromBase64 = (text, step) => {
    let bytes;
    try { bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0)); }
    catch { refuse(step, "not base64"); }
    return toBase64(bytes) === text ? bytes : refuse(step, "not canonical base64");
  };

  // ---------------------------------------------------------------- Ed25519
  // In plain integers, for browsers without it; RFC 8032, section 5.1, and the union's criterion:
  // S below the group order, the key in its one encoding, neither key nor R of small order.
  const plainEd25519 = (() => {
    const P = 2n ** 255n - 19n;
    const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
    const mod = (number) => { const rest = number % P; return rest < 0n ? rest + P : rest; };
    const power = (base, exponent) => {
      let result = 1n;
      for (let square = mod(base); exponent > 0n; exponent >>= 1n) {
        if (exponent & 1n) result = result * square % P;
        square = square * square % P;
      }
      return result;
    };
    const D = mod(-121665n * power(121666n, P - 2n));
    const ROOT = power(2n, (P - 1n) / 4n);
    const number = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);
    const add = ([x1, y1, z1, t1], [x2, y2, z2, t2]) => { // x = X/Z, y = Y/Z, xy = T/Z
      const [a, b] = [(y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P];
      const [c, d] = [2n * t1 * t2 % P * D % P, 2n * z1 * z2 % P];
      const [e, f, g, h] = [b - a, d - c, d + c, b + a];
      return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
    };
    const NOTHING = [0n, 1n, 1n, 0n];
    const small = (point) => {
      const [x, y, z] = [1, 2, 3].reduce((sum) => add(sum, sum), point);
      return x === 0n && y === z;
    };
    const decoded = (bytes) => {
      const all = number(bytes);
      const [y, sign] = [all & (2n ** 255n - 1n), all >> 255n];
      const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
      let x = power(square, (P + 3n) / 8n);
      if (x * x % P !== square) x = x * ROOT % P;
      if (y >= P || x * x % P !== square || (x === 0n && sign)) return null;
      if ((x & 1n) !== sign) x = P - x;
      return [x, y, 1n, x * y % P];
    };
    const encoded = ([x, y, z]) => {
      const inverse = power(z, P - 2n);
      let all = y * inverse % P | (x * inverse % P & 1n) << 255n;
      return Uint8Array.from({ length: 32 }, () => {
        const byte = Number(all & 255n);
        all >>= 8n;
        return byte;
      });
    };
    const BASE = decoded(Uint8Array.from({ length: 32 }, (_, at) => (at ? 0x66 : 0x58)));
    return async (key, message, signature) => {
      const [commitment, s] = [signature.slice(0, 32), number(signature.slice(32))];
      const point = decoded(key);
      if (signature.length !== 64 || s >= ORDER || point === null || small(point)) return false;
      const digest = await crypto.subtle.digest("SHA-512", join(commitment, key, message));
      const k = number(new Uint8Array(digest)) % ORDER;
      const minus = [P - point[0], point[1], 1n, P - point[3]];
      const sums = [NOTHING, BASE, minus, add(BASE, minus)];
      let total = NOTHING;
      for (let at = 252n; at >= 0n; at -= 1n) {
        total = add(add(total, total), sums[Number((s >> at & 1n) | (k >> at & 1n) << 1n)]);
      }
      return same(encoded(total), commitment) && !small(total);
    };
  })();
  async function webEd25519(key, message, signature) {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", imported, signature, message);
  }
  let chosen = null;
  /** What checks signatures in this browser: its own Ed25519, where it has one. */
  const ed25519 = () => (chosen ??= webEd25519(new Uint8Array(32), new Uint8Array(), new Uint8Array(64))
    .then(() => webEd25519, () => plainEd25519));
  const signed = async (...given) => (await ed25519())(...given);

  // ---------------------------------------------------------------- what a scanner gives
  const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const TEXT = "the text of the code is Base45";
  const PARTS = "the codes are the parts of one proof, all of them, each once";
  function base45(text) { // RFC 9285
    const out = [];
    for (let at = 0; at < text.length; at += 3) {
      const group = text.slice(at, at + 3);
      let value = 0;
      for (const char of [...group].reverse()) {
        const digit = ALPHABET.indexOf(char);
        if (digit < 0) refuse(TEXT, "another character");
        value = value * 45 + digit;
      }
      if (group.length === 1 || value >= 256 ** (group.length - 1)) {
        refuse(TEXT, "a group that stands for no bytes");
      }
      if (group.length === 3) out.push(value >> 8);
      out.push(value & 255);
    }
    return Uint8Array.from(out);
  }
  /** One of several codes: {number, count, file, piece}. */
  function part(text) {
    if (!text.startsWith("CTLP:")) refuse(TEXT, "it does not open with CTL1: or CTLP:");
    const found = decode(base45(text.slice(5)), PARTS);
    const fits = Array.isArray(found) && found.length === 4 && isBytes(found[2])
      && found[2].length === 4 && isBytes(found[3]) && found[3].length > 0
      && found.slice(0, 2).every((each) => typeof each === "bigint" && each >= 1n && each <= 16n);
    if (!fits || found[1] < 2n) refuse(PARTS, "a code holds no part of a proof");
    return { number: Number(found[0]), count: Number(found[1]), file: hex(found[2]), piece: found[3] };
  }
  async function joined(texts) {
    const parts = texts.map(part).sort((one, other) => one.number - other.number);
    const [{ count, file }] = parts;
    if (parts.some((each, at) => each.count !== count || each.file !== file
        || (at > 0 && each.number === parts[at - 1].number))) {
      refuse(PARTS, "one is there twice, or they are of different proofs");
    }
    const there = new Set(parts.map((each) => each.number));
    const missing = Array.from({ length: count }, (_, at) => at + 1).filter((at) => !there.has(at));
    if (missing.length > 0 || parts.length !== count) {
      refuse(PARTS, `of ${count} codes these are missing: ${missing.join(", ")}`);
    }
    const bytes = join(...parts.map((each) => each.piece));
    if (hex((await sha256(bytes)).slice(0, 4)) !== file) {
      refuse(PARTS, "put together they are not the proof they name");
    }
    return bytes;
  }
  /** The file in the text of its codes, one a line in any order, or in base64. */
  async function fromText(text) {
    const lines = text.split(/[\r\n]+/).filter((line) => line);
    if (lines.length === 1 && lines[0].startsWith("CTL1:")) return base45(lines[0].slice(5));
    if (/^CTL[1P]:/.test(lines[0] ?? "")) return joined(lines);
    return fromBase64(text.replace(/\s+/g, ""), "the text is that of a code, or base64");
  }
  /** Bytes of a file: a proof as it is, or text. */
  async function fromFile(bytes) {
    return bytes[0] === 0x93 ? bytes : fromText(new TextDecoder().decode(bytes));
  }

  // ---------------------------------------------------------------- canonical msgpack
  function decode(bytes, step) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    const bad = (reason) => refuse(step, reason);
    const take = (count) => {
      if (count > bytes.length - at) bad("cut short");
      at += count;
      return at - count;
    };
    const number = (size) => {
      const start = take(size);
      if (size === 1) return BigInt(view.getUint8(start));
      if (size === 2) return BigInt(view.getUint16(start));
      return size === 4 ? BigInt(view.getUint32(start)) : view.getBigUint64(start);
    };
    const wide = (size, below) => { // the shortest form only
      const value = number(size);
      return value < below ? bad("not in canonical form") : value;
    };
    const raw = (length) => { const start = take(Number(length)); return bytes.slice(start, at); };
    const text = (length) => {
      try { return strict.decode(raw(length)); }
      catch (error) { return error instanceof Refused ? bad(error.reason) : bad("not UTF-8"); }
    };
    const array = (length, depth) => {
      if (depth === 16) bad("nested too deep");
      if (Number(length) > bytes.length - at) bad("cut short");
      return Array.from({ length: Number(length) }, () => value(depth + 1));
    };
    const signedNumber = (size, above) => {
      const found = BigInt.asIntN(8 * size, number(size));
      return found >= above ? bad("not in canonical form") : found;
    };
    function value(depth) {
      const head = bytes[take(1)];
      if (head < 0x80) return BigInt(head);
      if (head >= 0xe0) return BigInt(head - 256);
      if (head >= 0x90 && head < 0xa0) return array(head - 0x90, depth);
      if (head >= 0xa0 && head < 0xc0) return text(head - 0xa0);
      switch (head) {
        case 0xc0: return null;
        case 0xc2: return false;
        case 0xc3: return true;
        case 0xc4: return raw(number(1));
        case 0xc5: return raw(wide(2, 256n));
        case 0xc6: return raw(wide(4, 65536n));
        case 0xcc: return wide(1, 128n);
        case 0xcd: return wide(2, 256n);
        case 0xce: return wide(4, 65536n);
        case 0xcf: return wide(8, 4294967296n);
        case 0xd0: return signedNumber(1, -32n);
        case 0xd1: return signedNumber(2, -128n);
        case 0xd2: return signedNumber(4, -32768n);
        case 0xd3: return signedNumber(8, -2147483648n);
        case 0xd9: return text(wide(1, 32n));
        case 0xda: return text(wide(2, 256n));
        case 0xdb: return text(wide(4, 65536n));
        case 0xdc: return array(wide(2, 16n), depth);
        default: return bad(`a byte ${head.toString(16)} that has no place here`);
      }
    }
    const found = value(0);
    return at === bytes.length ? found : bad("bytes after the end");
  }

  // ---------------------------------------------------------------- c2sp.org/tlog-policy
  const POLICY = "the policy is well formed";
  async function parseKey(text, type) {
    const match = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text ?? "") ?? refuse(POLICY, "not a key");
    const material = fromBase64(match[3], POLICY);
    if (material.length !== 33 || material[0] !== type) refuse(POLICY, "a key of another type");
    const id = (await sha256(utf8.encode(`${match[1]}\n`), material)).slice(0, 4);
    if (hex(id) !== match[2]) refuse(POLICY, `the key id of ${match[1]} is not its key's`);
    return { name: match[1], id, key: material.slice(1) };
  }
  async function parsePolicy(bytes) {
    const policy = { logs: [], witnesses: [], groups: [], quorum: null };
    const names = new Set();
    const grouped = new Set();
    const keys = new Set();
    if (bytes.length > MAX_FILE) refuse(POLICY, "it is too long");
    let source;
    try { source = strict.decode(bytes); } catch { refuse(POLICY, "not UTF-8"); }
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(source)) refuse(POLICY, "a control character");
    if (!source.endsWith("\n")) refuse(POLICY, "its last line does not end");
    const define = (name) => {
      if (name === undefined || name === "none" || names.has(name)) refuse(POLICY, `name ${name}`);
      names.add(name);
    };
    const distinct = (key, kind) => {
      for (const mark of [`${kind} ${hex(key.key)}`, `${key.name} ${hex(key.id)}`]) {
        if (keys.has(mark)) refuse(POLICY, `key ${key.name} is there twice`);
        keys.add(mark);
      }
      return key;
    };
    for (const line of source.split("\n")) {
      const [word, ...rest] = line.split(/[ \t]+/).filter((item) => item);
      if (word === undefined || word.startsWith("#")) continue;
      if (word === "log" && rest.length <= 2) {
        policy.logs.push(distinct(await parseKey(rest[0], 1), word));
      } else if (word === "witness" && rest.length <= 3) {
        define(rest[0]);
        policy.witnesses.push({ ...distinct(await parseKey(rest[1], 4), word), member: rest[0] });
      } else if (word === "group" && rest.length >= 3) {
        const [name, threshold, ...members] = rest;
        for (const member of members) {
          if (!names.has(member) || grouped.has(member)) refuse(POLICY, `member ${member}`);
          grouped.add(member);
        }
        define(name);
        const plain = /^[1-9][0-9]{0,3}$/.test(threshold) ? Number(threshold) : 0;
        const count = threshold === "all" ? members.length : threshold === "any" ? 1 : plain;
        if (count < 1 || count > members.length) refuse(POLICY, `threshold of ${name}`);
        policy.groups.push({ name, count, members });
      } else if (word === "quorum" && rest.length === 1 && policy.quorum === null) {
        if (rest[0] !== "none" && !names.has(rest[0])) refuse(POLICY, `quorum ${rest[0]}`);
        policy.quorum = rest[0];
      } else refuse(POLICY, `a line that opens with ${word}`);
    }
    return policy.quorum === null ? refuse(POLICY, "it has no quorum line") : policy;
  }
  function quorumMet(policy, cosigned) {
    const holding = new Set(cosigned);
    for (const { name, count, members } of policy.groups) {
      if (members.filter((each) => holding.has(each)).length >= count) holding.add(name);
    }
    return policy.quorum === "none" || holding.has(policy.quorum);
  }

  // ---------------------------------------------------------------- the file
  const FORMAT = "the file is a canonical compact state proof";
  const FIELDS = "each field of the content is as long as it has to be";
  const isSize = (value) => typeof value === "bigint" && value >= 0n && value <= MAX_TREE;
  const isHashes = (value, most) => isBytes(value) && value.length % 32 === 0
    && value.length <= 32 * most;
  const split = (bytes) => Array.from({ length: bytes.length / 32 },
    (_, at) => bytes.slice(32 * at, 32 * at + 32));

  async function parse(bytes) {
    if (bytes.length > MAX_FILE) refuse(FORMAT, "it is too long");
    const file = decode(bytes, FORMAT);
    if (!Array.isArray(file) || file.length !== 3 || file[0] !== "ctlproof1"
        || !isBytes(file[1]) || !isBytes(file[2])) refuse(FORMAT, "it is not");
    if (!same((await sha256(file[1])).slice(0, 4), file[2])) {
      refuse("the check bytes are those of the content: it was read without a mistake",
        "they are not");
    }
    const body = decode(file[1], FORMAT);
    if (!Array.isArray(body) || body.length !== 13) refuse(FORMAT, "another number of fields");
    const [key, value, siblings, neighbour, entry, index, path, origin, size, root, keyId,
      signature, cosignatures] = body;
    const rules = {
      key: typeof key === "string" && /^[!-~]{1,256}$/.test(key),
      value: value === null || (isBytes(value) && value.length >= 1 && value.length <= 65535),
      siblings: isHashes(siblings, 256),
      neighbour: neighbour === null
        || (isBytes(neighbour) && neighbour.length === 64 && value === null),
      entry: isBytes(entry) && entry.length >= 1 && entry.length <= 65535,
      index: isSize(index),
      path: isHashes(path, 63),
      origin: typeof origin === "string" && /^[^\s+\x00-\x1f]+$/u.test(origin),
      size: isSize(size),
      root: isBytes(root) && root.length === 32,
      "key id": isBytes(keyId) && keyId.length === 4,
      signature: isBytes(signature) && signature.length === 64,
      cosignatures: Array.isArray(cosignatures) && cosignatures.length < 128
        && cosignatures.every((each) => Array.isArray(each) && each.length === 4
          && typeof each[0] === "string" && isBytes(each[1]) && each[1].length === 4
          && isSize(each[2]) && isBytes(each[3]) && each[3].length === 64
          && !each[0].startsWith(`${origin}/`)),
    };
    for (const [name, holds] of Object.entries(rules)) if (!holds) refuse(FIELDS, `${name} is not`);
    return {
      key, value, siblings: split(siblings), neighbour, entry, index, path: split(path), origin,
      size, root, keyId, signature,
      cosignatures: cosignatures.map(([name, id, time, signature]) => (
        { name: name.startsWith("/") ? origin + name : name, id, time, signature })),
    };
  }

  // ---------------------------------------------------------------- signatures and trees
  async function checkSignatures(body, policy) {
    const text = `${body.origin}\n${body.size}\n${toBase64(body.root)}\n`;
    const step = "the first signature is by a log of the policy";
    const log = policy.logs.find((key) => key.name === body.origin && same(key.id, body.keyId))
      ?? refuse(step, "it is by an unlisted key");
    if (!await signed(log.key, utf8.encode(text), body.signature)) {
      refuse(step, "the log's signature does not hold");
    }
    const further = "each further signature is by a witness of the policy, in its order";
    const cosigned = [];
    let last = -1;
    for (const line of body.cosignatures) {
      const place = policy.witnesses.findIndex(
        (key) => key.name === line.name && same(key.id, line.id));
      if (place < 0) refuse(further, `there is one by an unlisted key ${line.name}`);
      if (place <= last) refuse(further, `${line.name} is out of order or twice`);
      last = place;
      const message = utf8.encode(`cosignature/v1\ntime ${line.time}\n${text}`);
      if (!await signed(policy.witnesses[place].key, message, line.signature)) {
        refuse(further, `the cosignature of ${line.name} does not hold`);
      }
      cosigned.push({ member: policy.witnesses[place].member, time: line.time });
    }
    const quorum = "the cosignatures meet the quorum with none to spare";
    const names = cosigned.map((each) => each.member);
    if (!quorumMet(policy, names)) refuse(quorum, `${names.length} do not meet it`);
    if (names.some((name) => quorumMet(policy, names.filter((each) => each !== name)))) {
      refuse(quorum, "some are not needed");
    }
    return cosigned;
  }
  const node = (left, right) => sha256(Uint8Array.of(1), left, right);
  async function checkInclusion(body) { // RFC 9162, section 2.1.3.2
    const step = "the path leads from the entry to the checkpoint's root";
    if (body.index >= body.size) refuse(step, "the index lies outside the tree");
    let [at, last, hash] = [body.index, body.size - 1n, await sha256(Uint8Array.of(0), body.entry)];
    for (const sibling of body.path) {
      if (last === 0n) refuse(step, "the path is too long");
      if (at & 1n || at === last) {
        hash = await node(sibling, hash);
        while (!(at & 1n) && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
      } else hash = await node(hash, sibling);
      [at, last] = [at >> 1n, last >> 1n];
    }
    if (last !== 0n) refuse(step, "the path is too short");
    if (!same(hash, body.root)) refuse(step, "it leads to another root");
  }
  function checkBlock(body) {
    const step = "the proven entry closes a block, and so states a root of the state";
    const entry = decode(body.entry, step);
    const types = ["n", "n", "n", "n", "b", "b", "n", "n", "b", "b"];
    const fits = Array.isArray(entry) && entry.length === 10 && entry[0] === 3n
      && types.every((type, at) => (type === "n" ? typeof entry[at] === "bigint" : isBytes(entry[at])));
    if (!fits) refuse(step, "it is an entry of another kind");
    return { height: entry[2], time: entry[6], root: entry[9] };
  }
  const bit = (path, at) => path[at >> 3] >> (7 - (at & 7)) & 1;
  async function checkState(body, root) { // the ICS-23 "smt" tree
    const step = "the siblings lead from key and value to the state root of the block entry";
    const path = await sha256(utf8.encode(body.key));
    const depth = body.siblings.length;
    let hash = new Uint8Array(32);
    if (body.value !== null) hash = await sha256(Uint8Array.of(0), path, await sha256(body.value));
    else if (body.neighbour !== null) {
      const theirs = body.neighbour.slice(0, 32);
      if (same(theirs, path)) refuse(step, "the neighbour is the key itself");
      for (let at = 0; at < depth; at += 1) {
        if (bit(theirs, at) !== bit(path, at)) refuse(step, "the neighbour stands elsewhere");
      }
      hash = await sha256(Uint8Array.of(0), body.neighbour);
    }
    for (const [at, sibling] of body.siblings.entries()) {
      hash = await (bit(path, depth - 1 - at) ? node(sibling, hash) : node(hash, sibling));
    }
    if (!same(hash, root)) refuse(step, "they lead to another root");
  }

  // ---------------------------------------------------------------- words
  const moment = (ms) => (ms >= 0n && ms < 253402300800000n
    ? new Date(Number(ms)).toISOString().replace("T", " ").replace(/(\.000)?Z$/, " UTC")
    : `${ms} ms since 1970`);

  // Names of objects and their fields, generated from the contracts. They word what is proven, and
  // prove nothing.
  const catalogue = globalThis.CtlCatalogue ?? { objects: {}, parts: {} };
  const shapeless = Symbol("a value that is not of the shape");
  const namedFields = (fields, values) => {
    if (!Array.isArray(values) || values.length !== fields.length) throw shapeless;
    return Object.fromEntries(fields.map(([name, shape], at) => [name, shaped(shape, values[at])]));
  };
  const scalars = {
    text: (value) => typeof value === "string",
    number: (value) => typeof value === "bigint",
    yes_no: (value) => typeof value === "boolean",
  };
  function shaped(shape, value) {
    if (shape === "bytes" && isBytes(value)) return hex(value);
    if (scalars[shape]?.(value)) return value;
    if (shape.maybe !== undefined) return value === null ? null : shaped(shape.maybe, value);
    if (shape.one_of?.includes(value)) return value;
    if (shape.list !== undefined && Array.isArray(value)) {
      return value.map((each) => shaped(shape.list, each));
    }
    if (shape.part !== undefined) return namedFields(catalogue.parts[shape.part], value);
    if (shape.tagged?.[value?.[0]] !== undefined) {
      return namedFields(catalogue.parts[shape.tagged[value[0]]], value.slice(1));
    }
    throw shapeless;
  }
  /** The fields of a state object by name; null for one of no known kind or another form. */
  function objectOf(key, value) {
    const kind = key.split("/")[0];
    const fields = Object.hasOwn(catalogue.objects, kind) ? catalogue.objects[kind] : undefined;
    try { return fields === undefined ? null : namedFields(fields, decode(value, "value")); }
    catch { return null; } // proven, of whatever form
  }
  /** [path, text] of every field that is not empty. */
  function* fieldLines(value, path = "") {
    if (Array.isArray(value) && value.every((each) => typeof each !== "object")) {
      if (value.length > 0) yield [path, value.map((each) => scalar(path, each)).join(", ")];
    } else if (Array.isArray(value)) {
      for (const [at, each] of value.entries()) yield* fieldLines(each, `${path}[${at}]`);
    } else if (value !== null && typeof value === "object") {
      for (const [name, each] of Object.entries(value)) {
        yield* fieldLines(each, path ? `${path}.${name}` : name);
      }
    } else if (value !== null && value !== "") yield [path, scalar(path, value)];
  }
  function scalar(path, value) {
    if (typeof value === "boolean") return value ? "yes" : "no";
    return path.endsWith("_ms") && typeof value === "bigint" ? moment(value) : String(value);
  }

  const CLOSED = ["release_refused", "invalidated", "completed", "discharged", "paid", "written_off"];
  const spoken = (code) => code.replaceAll("_", " ");
  const SENTENCES = {
    guarantee(g) { // a waiver secures all of the reference amount; amounts divide rounding down
      const percent = g.kind === "waiver" ? 100n : g.coverage_percent;
      const covered = g.reference_amount * percent / 100n - g.paid;
      return `guarantee ${g.grn} was ${g.state}, with a free amount of ${covered - g.reserved} `
        + `${g.currency} of ${covered} covered, in minor units; `
        + `${g.open === 0n ? "no movement was" : `${g.open} movement(s) were`} open on it`;
    },
    reservation: (r) => `movement ${r.mrn} was open on guarantee ${r.grn}, with ${r.amount} `
      + `${r.currency} reserved for it, in minor units`,
    movement: (m) => `movement ${m.mrn} was ${spoken(m.state)}`
      + `${CLOSED.includes(m.state) ? " and closed" : ""}`,
    participant: (p) => `participant ${p.id} of ${p.member} was ${p.standing}, as `
      + p.roles.map(spoken).join(", "),
    seal: (s) => `seal ${s.id} was ${s.state}`
      + `${s.transport === null ? "" : ` on transport ${s.transport}`}`,
  };
  function sentence(key, absent, value) {
    const [kind, ...rest] = key.split("/");
    const reference = rest.join("/");
    const name = reference ? `${kind.replaceAll("-", " ")} ${reference}` : kind;
    if (absent) {
      if (kind === "reservation" && rest.length > 1) {
        const mrn = rest.slice(1).join("/");
        return `movement ${mrn} was not open on guarantee ${rest[0]}: nothing was reserved for it`;
      }
      const known = Object.hasOwn(catalogue.objects, kind) ? ""
        : ` (this program knows no kind of object '${kind}')`;
      return `${name} did not exist${known}`;
    }
    return value !== null && Object.hasOwn(SENTENCES, kind) ? SENTENCES[kind](value) : `${name} existed`;
  }

  const quorumOf = (policy) => {
    const group = policy.groups.find((each) => each.name === policy.quorum);
    return group ? `${group.count} of ${group.members.length} (${group.members.join(", ")})`
      : policy.quorum;
  };
  /** Whom a policy believes: {log, quorum}. Rejects with Refused. */
  async function describe(policyBytes) {
    const policy = await parsePolicy(policyBytes);
    return { log: [...new Set(policy.logs.map((each) => each.name))].join(", "),
      quorum: quorumOf(policy) };
  }

  /** What the proof proves: {key, said, absent, fields: [[name, text]], height, time, newest,
   *  origin, size, root, stateRoot, cosigned: [{member, time}], quorum}. Rejects with Refused. */
  async function verify(bytes, policyBytes) {
    const body = await parse(bytes);
    const policy = await parsePolicy(policyBytes);
    const cosigned = await checkSignatures(body, policy);
    await checkInclusion(body);
    const block = checkBlock(body);
    await checkState(body, block.root);
    const absent = body.value === null;
    const value = absent ? null : objectOf(body.key, body.value);
    const unknown = absent ? [] : [["", `${body.value.length} bytes of an object that this page does `
      + `not know: ${hex(body.value)}`]];
    return {
      key: body.key, absent, said: sentence(body.key, absent, value),
      fields: value === null ? unknown : [...fieldLines(value)],
      height: String(block.height), time: moment(block.time),
      newest: body.index === body.size - 1n,
      origin: body.origin, size: String(body.size), root: hex(body.root), stateRoot: hex(block.root),
      cosigned: cosigned.map(({ member, time }) => ({ member, time: moment(time * 1000n) })),
      quorum: quorumOf(policy),
    };
  }
  return { verify, describe, part, fromText, fromFile, Refused, plainEd25519, ed25519 };
})();
