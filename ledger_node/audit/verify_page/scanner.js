// Reads QR codes from a picture: CtlScanner.read({data, width, height}) gives their texts. Written from
// ISO/IEC 18004, for browsers that read no codes themselves. It proves nothing: whatever it reads, the
// verifier judges.
"use strict";
globalThis.CtlScanner = (() => {
  // ---------------------------------------------------------------- black and white
  const BLOCK = 8;
  /** 1 for each dark pixel: darker than the mean of the 5 x 5 blocks around it. */
  function binarize({ data, width, height }) {
    const grey = new Uint8Array(width * height);
    for (let at = 0; at < grey.length; at += 1) {
      grey[at] = (2 * data[4 * at] + 5 * data[4 * at + 1] + data[4 * at + 2]) >> 3;
    }
    const [across, down] = [Math.ceil(width / BLOCK), Math.ceil(height / BLOCK)];
    const means = new Float32Array(across * down);
    for (let row = 0; row < down; row += 1) {
      for (let column = 0; column < across; column += 1) {
        let [sum, least, most, count] = [0, 255, 0, 0];
        for (let y = row * BLOCK; y < Math.min(height, (row + 1) * BLOCK); y += 1) {
          for (let x = column * BLOCK; x < Math.min(width, (column + 1) * BLOCK); x += 1) {
            const value = grey[y * width + x];
            sum += value;
            count += 1;
            if (value < least) least = value;
            if (value > most) most = value;
          }
        }
        let mean = sum / count;
        if (most - least <= 24) { // of one colour: dark only beside what is lighter
          mean = least / 2;
          if (row > 0 && column > 0) {
            const beside = (means[(row - 1) * across + column] + 2 * means[row * across + column - 1]
              + means[(row - 1) * across + column - 1]) / 4;
            if (least < beside) mean = beside;
          }
        }
        means[row * across + column] = mean;
      }
    }
    const dark = new Uint8Array(width * height);
    const within = (value, most) => Math.max(Math.min(value, most - 3), Math.min(2, most - 1));
    for (let row = 0; row < down; row += 1) {
      for (let column = 0; column < across; column += 1) {
        const [y0, x0] = [within(row, down), within(column, across)];
        let [sum, count] = [0, 0];
        for (let y = Math.max(0, y0 - 2); y <= Math.min(down - 1, y0 + 2); y += 1) {
          for (let x = Math.max(0, x0 - 2); x <= Math.min(across - 1, x0 + 2); x += 1) {
            sum += means[y * across + x];
            count += 1;
          }
        }
        const bound = sum / count;
        for (let y = row * BLOCK; y < Math.min(height, (row + 1) * BLOCK); y += 1) {
          for (let x = column * BLOCK; x < Math.min(width, (column + 1) * BLOCK); x += 1) {
            dark[y * width + x] = grey[y * width + x] <= bound ? 1 : 0;
          }
        }
      }
    }
    return {
      width, height, dark,
      at: (x, y) => (x >= 0 && y >= 0 && x < width && y < height
        ? dark[Math.floor(y) * width + Math.floor(x)] : 0),
    };
  }

  // ---------------------------------------------------------------- finder patterns
  /** Module size of runs that are 1:1:3:1:1, or 0. */
  function finderSize(runs) {
    const size = runs.reduce((sum, run) => sum + run, 0) / 7;
    if (size < 1) return 0;
    const fits = runs.every((run, at) => {
      const wanted = at === 2 ? 3 : 1;
      return Math.abs(run - wanted * size) < wanted * size * (at === 2 ? 0.3 : 0.6);
    });
    return fits ? size : 0;
  }
  /** The centre and module size of the pattern that a line through (x, y) crosses, or null. */
  function across(image, x, y, dx, dy) {
    const runs = [0, 0, 0, 0, 0];
    const walk = (sign, places) => {
      let [px, py] = sign > 0 ? [x, y] : [x - dx, y - dy];
      for (const [place, dark] of places) {
        while (px >= 0 && py >= 0 && px < image.width && py < image.height
            && image.at(px, py) === dark) {
          runs[place] += 1;
          px += sign * dx;
          py += sign * dy;
        }
      }
      return dx ? px : py;
    };
    walk(-1, [[2, 1], [1, 0], [0, 1]]);
    const end = walk(1, [[2, 1], [3, 0], [4, 1]]);
    const size = finderSize(runs);
    return size === 0 ? null : { size, centre: end - runs[4] - runs[3] - runs[2] / 2 };
  }
  /** Finder patterns: {x, y, size, seen}, those seen on most lines first. */
  function finders(image) {
    const found = [];
    const add = (x, y, size) => {
      const near = found.find((each) => Math.hypot(each.x - x, each.y - y) < 2 * size);
      if (near === undefined) found.push({ x, y, size, seen: 1 });
      else {
        near.x += (x - near.x) / (near.seen + 1);
        near.y += (y - near.y) / (near.seen + 1);
        near.size += (size - near.size) / (near.seen + 1);
        near.seen += 1;
      }
    };
    for (let y = 0; y < image.height; y += 1) {
      const runs = [];
      let start = 0;
      for (let x = 1; x <= image.width; x += 1) {
        if (x < image.width && image.at(x, y) === image.at(start, y)) continue;
        runs.push(x - start);
        if (runs.length > 5) runs.shift();
        if (runs.length === 5 && image.at(start, y) === 1 && finderSize(runs) > 0) {
          const middle = x - runs[4] - runs[3] - runs[2] / 2;
          const down = across(image, middle, y, 0, 1);
          const level = down && across(image, middle, down.centre, 1, 0);
          if (level) add(level.centre, down.centre, (level.size + down.size) / 2);
        }
        start = x;
      }
    }
    return found.filter((each) => each.seen > 1).sort((a, b) => b.seen - a.seen).slice(0, 24);
  }
  /** Triples that may be corners of one code, the likeliest first: [corner, right, below]. */
  function corners(found) {
    const triples = [];
    const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
    for (const corner of found) {
      for (const right of found) {
        for (const below of found) {
          const turn = (right.x - corner.x) * (below.y - corner.y)
            - (right.y - corner.y) * (below.x - corner.x);
          const sizes = [corner.size, right.size, below.size];
          const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
          if (turn <= 0 || most > 1.6 * least) continue;
          const [a, b, c] = [distance(corner, right), distance(corner, below), distance(right, below)];
          const skew = Math.abs(a - b) / Math.max(a, b) + Math.abs(Math.hypot(a, b) - c) / c;
          if (skew < 0.5 && a > 10 * least) {
            triples.push({ triple: [corner, right, below], error: skew + (most - least) / most });
          }
        }
      }
    }
    return triples.sort((a, b) => a.error - b.error).map((each) => each.triple);
  }

  // ---------------------------------------------------------------- the grid of modules
  /** From places in a code to places in the picture, by four pairs of points. */
  function perspective(from, to) {
    const rows = [];
    for (const [at, [x, y]] of from.entries()) {
      const [u, v] = to[at];
      rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]);
    }
    for (let at = 0; at < 8; at += 1) { // Gauss and Jordan
      let pivot = at;
      for (let row = at + 1; row < 8; row += 1) {
        if (Math.abs(rows[row][at]) > Math.abs(rows[pivot][at])) pivot = row;
      }
      [rows[at], rows[pivot]] = [rows[pivot], rows[at]];
      for (let row = 0; row < 8; row += 1) {
        const factor = row === at ? 0 : rows[row][at] / rows[at][at];
        for (let column = at; factor && column < 9; column += 1) {
          rows[row][column] -= factor * rows[at][column];
        }
      }
    }
    const h = rows.map((row, at) => row[8] / row[at]);
    return (x, y) => {
      const w = h[6] * x + h[7] * y + 1;
      return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w];
    };
  }
  /** Modules a side, by counting the timing pattern between two finder patterns. */
  function versionOf(image, [corner, right, below]) {
    const angle = Math.atan2(right.y - corner.y, right.x - corner.x);
    const fold = Math.max(Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle)));
    const step = (from, to) => {
      const length = Math.hypot(to.x - from.x, to.y - from.y);
      return [(to.x - from.x) / length * from.size * fold, (to.y - from.y) / length * from.size * fold];
    };
    const [u, v] = [step(corner, right), step(corner, below)];
    const count = (one, other, along, aside) => {
      const [x0, y0] = [one.x + 3 * aside[0] + 4.5 * along[0], one.y + 3 * aside[1] + 4.5 * along[1]];
      const [x1, y1] = [other.x + 3 * aside[0] - 4.5 * along[0],
        other.y + 3 * aside[1] - 4.5 * along[1]];
      const steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0));
      let [turns, last] = [0, 1];
      for (let at = 0; at <= steps; at += 1) {
        const here = image.at(x0 + (x1 - x0) * at / steps, y0 + (y1 - y0) * at / steps);
        turns += here === last ? 0 : 1;
        last = here;
      }
      return turns / 4;
    };
    return [count(corner, right, u, v), count(corner, below, v, u)];
  }
  /** Where centres of alignment patterns stand, on both axes. */
  function alignment(version) {
    if (version === 1) return [];
    const count = Math.floor(version / 7) + 2;
    const step = version === 32 ? 26
      : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
    const places = [6];
    for (let at = version * 4 + 10; places.length < count; at -= step) places.splice(1, 0, at);
    return places;
  }
  /** Centre of the alignment pattern near (x, y) in the picture, or null. u, v: a module's steps. */
  function aligned(image, [x, y], u, v, reach) {
    let [best, best2] = [null, Infinity];
    const size = Math.hypot(...u);
    const radius = Math.ceil(reach * size);
    for (let dy = -radius; dy <= radius; dy += 1) {
      for (let dx = -radius; dx <= radius; dx += 1) {
        let wrong = 0;
        for (let row = -2; row <= 2 && wrong < 3; row += 1) {
          for (let column = -2; column <= 2; column += 1) {
            const dark = Math.max(Math.abs(row), Math.abs(column)) !== 1;
            const here = image.at(x + dx + column * u[0] + row * v[0], y + dy + column * u[1] + row * v[1]);
            if (here !== Number(dark)) wrong += 1;
          }
        }
        // Of places that fit alike, the middle one is meant: the nearest to the centre of them.
        const error = wrong * 1000 + Math.hypot(dx, dy) / size;
        if (wrong < 3 && error < best2) [best, best2] = [[x + dx, y + dy], error];
      }
    }
    if (best === null) return null;
    // The middle of the dark centre, along both axes.
    const centred = (from, step) => {
      const run = (sign) => {
        let far = 0;
        while (far < 2 && image.at(from[0] + sign * far * step[0], from[1] + sign * far * step[1])) {
          far += 1 / Math.max(2, size);
        }
        return far;
      };
      const shift = (run(1) - run(-1)) / 2;
      return [from[0] + shift * step[0], from[1] + shift * step[1]];
    };
    return centred(centred(best, u), v);
  }
  /** The modules of a code of this version, 1 for dark, as rows. */
  function sample(image, [corner, right, below], version) {
    const size = 17 + 4 * version;
    const points = [corner, right, below].map((each) => [each.x, each.y]);
    const fourth = [right.x + below.x - corner.x, right.y + below.y - corner.y];
    const from = [[3.5, 3.5], [size - 3.5, 3.5], [3.5, size - 3.5]];
    let place = perspective([...from, [size - 3.5, size - 3.5]], [...points, fourth]);
    const steps = (x, y) => {
      const [[x0, y0], [x1, y1], [x2, y2]] = [place(x, y), place(x + 1, y), place(x, y + 1)];
      return [[x1 - x0, y1 - y0], [x2 - x0, y2 - y0]];
    };
    const seek = (x, y, reach) => aligned(image, place(x, y), ...steps(x, y), reach);
    const places = alignment(version);
    if (places.length > 0) {
      const last = size - 6.5;
      const anchor = seek(last, last, Math.max(4, size / 12));
      if (anchor !== null) place = perspective([...from, [last, last]], [...points, anchor]);
    }
    // How far each alignment pattern lies from where it should: paper bends, lenses too.
    const shifts = places.map((row) => places.map((column) => {
      const inFinder = [row, column].filter((at) => at === 6).length === 2
        || (row === 6 && column === size - 7) || (column === 6 && row === size - 7);
      const found = inFinder ? null : seek(column + 0.5, row + 0.5, 1.5);
      const [x, y] = place(column + 0.5, row + 0.5);
      return found === null ? [0, 0] : [found[0] - x, found[1] - y];
    }));
    const cells = Array.from({ length: size }, (_, at) => {
      let index = places.findIndex((each, n) => n > 0 && at <= each);
      if (index < 0) index = places.length - 1;
      const share = (at - places[index - 1]) / (places[index] - places[index - 1]);
      return [index - 1, Math.max(0, Math.min(1, share))];
    });
    return Array.from({ length: size }, (_, row) => {
      const modules = new Uint8Array(size);
      for (let column = 0; column < size; column += 1) {
        const [x, y] = place(column + 0.5, row + 0.5);
        let [dx, dy] = [0, 0];
        if (places.length > 1) {
          const [[i, a], [j, b]] = [cells[column], cells[row]];
          for (let corner = 0; corner < 4; corner += 1) {
            const share = (corner & 1 ? a : 1 - a) * (corner & 2 ? b : 1 - b);
            const by = shifts[j + (corner >> 1)][i + (corner & 1)];
            dx += share * by[0];
            dy += share * by[1];
          }
        }
        modules[column] = image.at(x + dx, y + dy);
      }
      return modules;
    });
  }

  // ---------------------------------------------------------------- codewords
  // By level L, M, Q, H and version: check codewords a block, and blocks.
  const CHECKS = [
    "7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28 28 28 30 30 26 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
    "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26 26 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28",
    "13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30 28 30 30 30 30 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
    "17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28 30 24 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
  ].map((line) => line.split(" ").map(Number));
  const BLOCKS = [
    "1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21 22 24 25",
    "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37 38 40 43 45 47 49",
    "1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45 48 51 53 56 59 62 65 68",
    "1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54 57 60 63 66 70 74 77 81",
  ].map((line) => line.split(" ").map(Number));
  const MASKS = [
    (row, column) => (row + column) % 2 === 0,
    (row) => row % 2 === 0,
    (row, column) => column % 3 === 0,
    (row, column) => (row + column) % 3 === 0,
    (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
    (row, column) => (row * column) % 2 + (row * column) % 3 === 0,
    (row, column) => ((row * column) % 2 + (row * column) % 3) % 2 === 0,
    (row, column) => ((row + column) % 2 + (row * column) % 3) % 2 === 0,
  ];
  /** {level, mask} of the format that either copy is nearest to, or null. */
  function formatOf(modules) {
    const size = modules.length;
    const copies = [[], []];
    for (let at = 0; at < 15; at += 1) {
      const near = [[8, 0], [8, 1], [8, 2], [8, 3], [8, 4], [8, 5], [8, 7], [8, 8], [7, 8], [5, 8],
        [4, 8], [3, 8], [2, 8], [1, 8], [0, 8]][at];
      const far = at < 7 ? [size - 1 - at, 8] : [8, size - 15 + at];
      copies[0].push(modules[near[0]][near[1]]);
      copies[1].push(modules[far[0]][far[1]]);
    }
    let best = { wrong: 4 };
    for (let format = 0; format < 32; format += 1) {
      let rest = format << 10;
      for (let bit = 14; bit >= 10; bit -= 1) if (rest >> bit & 1) rest ^= 0x537 << (bit - 10);
      const code = ((format << 10) | rest) ^ 0x5412;
      for (const copy of copies) {
        const wrong = copy.filter((bit, at) => bit !== (code >> (14 - at) & 1)).length;
        if (wrong < best.wrong) best = { wrong, level: [1, 0, 3, 2][format >> 3], mask: format & 7 };
      }
    }
    return best.wrong < 4 ? best : null;
  }
  /** 1 where a module is no data: finders, timing, alignment, format and version. */
  function reserved(version) {
    const size = 17 + 4 * version;
    const kept = Array.from({ length: size }, () => new Uint8Array(size));
    const fill = (row, column, height, width) => {
      for (let y = row; y < row + height; y += 1) kept[y].fill(1, column, column + width);
    };
    fill(0, 0, 9, 9);
    fill(0, size - 8, 9, 8);
    fill(size - 8, 0, 8, 9);
    fill(6, 0, 1, size);
    fill(0, 6, size, 1);
    const places = alignment(version);
    for (const row of places) {
      for (const column of places) {
        const inFinder = (row === 6 && (column === 6 || column === size - 7))
          || (row === size - 7 && column === 6);
        if (!inFinder) fill(row - 2, column - 2, 5, 5);
      }
    }
    if (version >= 7) {
      fill(0, size - 11, 6, 3);
      fill(size - 11, 0, 3, 6);
    }
    return kept;
  }
  function codewords(modules, version, mask) {
    const [size, kept, hides, bits] = [modules.length, reserved(version), MASKS[mask], []];
    for (let right = size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < size; step += 1) {
        for (const column of [right, right - 1]) {
          const row = ((right + 1) & 2) === 0 ? size - 1 - step : step;
          if (!kept[row][column]) bits.push(modules[row][column] ^ Number(hides(row, column)));
        }
      }
    }
    return Uint8Array.from({ length: bits.length >> 3 }, (_, at) => (
      bits.slice(8 * at, 8 * at + 8).reduce((byte, bit) => byte << 1 | bit, 0)));
  }

  // ---------------------------------------------------------------- Reed and Solomon
  const EXP = new Uint8Array(512);
  const LOG = new Uint8Array(256);
  for (let at = 0, value = 1; at < 255; at += 1) {
    EXP[at] = EXP[at + 255] = value;
    LOG[value] = at;
    value = value << 1 ^ (value & 128 ? 0x11d : 0);
  }
  const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);
  const value = (polynomial, at) => polynomial.reduceRight((sum, term) => times(sum, at) ^ term, 0);
  /** The block with its errors mended, or null. */
  function mended(block, checks) {
    const backwards = Array.from(block).reverse();
    const syndromes = Array.from({ length: checks }, (_, at) => value(backwards, EXP[at]));
    if (syndromes.every((each) => each === 0)) return block;
    let [locator, before, gap, last, errors] = [[1], [1], 1, 1, 0]; // Berlekamp and Massey
    for (let at = 0; at < checks; at += 1) {
      let miss = syndromes[at];
      for (let n = 1; n <= errors; n += 1) miss ^= times(locator[n] ?? 0, syndromes[at - n]);
      if (miss === 0) { gap += 1; continue; }
      const factor = EXP[LOG[miss] + 255 - LOG[last]];
      const next = locator.slice();
      before.forEach((term, n) => { next[n + gap] = (next[n + gap] ?? 0) ^ times(factor, term); });
      for (let n = 0; n < next.length; n += 1) next[n] ??= 0;
      if (2 * errors <= at) [before, last, errors, gap] = [locator, miss, at + 1 - errors, 1];
      else gap += 1;
      locator = next;
    }
    const evaluator = Array.from({ length: checks }, (_, at) => {
      let term = 0;
      for (let n = 0; n <= at; n += 1) term ^= times(locator[n] ?? 0, syndromes[at - n]);
      return term;
    });
    const slope = locator.map((term, n) => (n & 1 ? term : 0)).slice(1);
    const right = block.slice();
    let found = 0;
    for (let at = 0; at < block.length; at += 1) { // Chien and Forney
      const inverse = EXP[255 - at % 255];
      if (value(locator, inverse) !== 0) continue;
      const by = value(slope, inverse);
      if (by === 0) return null;
      right[block.length - 1 - at] ^= times(EXP[at % 255],
        times(value(evaluator, inverse), EXP[255 - LOG[by]]));
      found += 1;
    }
    const whole = Array.from(right).reverse();
    const holds = Array.from({ length: checks }, (_, at) => value(whole, EXP[at])).every((s) => s === 0);
    return found === errors && holds ? right : null;
  }
  /** The data of all blocks, or null where one has too many errors. */
  function dataOf(words, version, level) {
    const [checks, count] = [CHECKS[level][version - 1], BLOCKS[level][version - 1]];
    const short = Math.floor(words.length / count);
    const longer = words.length % count; // so many blocks have a codeword more
    const sizes = Array.from({ length: count }, (_, at) => short - checks + (at >= count - longer ? 1 : 0));
    const blocks = sizes.map((size) => new Uint8Array(size + checks));
    let from = 0;
    for (let at = 0; at <= short - checks; at += 1) {
      for (const [n, block] of blocks.entries()) if (at < sizes[n]) { block[at] = words[from]; from += 1; }
    }
    for (let at = 0; at < checks; at += 1) {
      for (const [n, block] of blocks.entries()) { block[sizes[n] + at] = words[from]; from += 1; }
    }
    const data = [];
    for (const [n, block] of blocks.entries()) {
      const right = mended(block, checks);
      if (right === null) return null;
      data.push(...right.slice(0, sizes[n]));
    }
    return data;
  }

  // ---------------------------------------------------------------- text
  const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  /** The text of alphanumeric segments and of bytes; null for codes of another kind. */
  function textOf(data, version) {
    let at = 0;
    const left = () => 8 * data.length - at;
    const take = (count) => {
      let number = 0;
      for (let n = 0; n < count; n += 1, at += 1) number = number * 2 + (data[at >> 3] >> (7 - (at & 7)) & 1);
      return number;
    };
    const size = version < 10 ? 0 : version < 27 ? 1 : 2;
    let text = "";
    while (left() >= 4) {
      const mode = take(4);
      if (mode === 0) break;
      if (mode === 2) {
        let count = take([9, 11, 13][size]);
        if (left() < 5.5 * count) return null;
        for (; count > 1; count -= 2) {
          const pair = take(11);
          text += ALPHABET[Math.floor(pair / 45)] + ALPHABET[pair % 45];
        }
        if (count) text += ALPHABET[take(6)];
      } else if (mode === 4) {
        const count = take([8, 16, 16][size]);
        if (left() < 8 * count) return null;
        text += String.fromCharCode(...Array.from({ length: count }, () => take(8)));
      } else return null;
    }
    return text;
  }
  function decoded(modules, version) {
    const format = formatOf(modules);
    if (format === null) return null;
    const data = dataOf(codewords(modules, version, format.mask), version, format.level);
    return data === null ? null : textOf(data, version);
  }
  function codeAt(image, triple) {
    const guesses = versionOf(image, triple).flatMap((guess) => {
      const nearest = Math.round(guess);
      return [nearest, nearest + 1, nearest - 1];
    });
    for (const version of new Set(guesses)) {
      if (version < 1 || version > 40) continue;
      const text = decoded(sample(image, triple, version), version);
      if (text !== null) return text;
    }
    return null;
  }

  /** The texts of all codes in a picture: {data: RGBA bytes, width, height}. */
  function read(picture) {
    const image = binarize(picture);
    const texts = [];
    const used = new Set();
    let tries = 0;
    for (const triple of corners(finders(image))) {
      if (tries > 60) break;
      if (triple.some((each) => used.has(each))) continue;
      tries += 1;
      const text = codeAt(image, triple);
      if (text === null) continue;
      for (const each of triple) used.add(each);
      texts.push(text);
    }
    return texts;
  }
  return { read };
})();
