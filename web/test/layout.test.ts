import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { bestLayout } from '../src/page/call/layout.ts';

const GAP = 10;

test('tiles fit into the area, and no other number of columns makes them larger', () => {
  for (const area of [
    { width: 1_280, height: 640 },
    { width: 340, height: 600 },
    { width: 2_000, height: 300 },
  ]) {
    for (let tiles = 1; tiles <= 30; tiles++) {
      const { columns, width } = bestLayout(tiles, area, GAP);
      const rows = Math.ceil(tiles / columns);
      assert.ok(columns * width + GAP * (columns - 1) <= area.width, 'too wide');
      assert.ok((rows * width * 9) / 16 + GAP * (rows - 1) <= area.height, 'too high');
      for (let other = 1; other <= tiles; other++) {
        const otherRows = Math.ceil(tiles / other);
        const possible = Math.min(
          (area.width - GAP * (other - 1)) / other,
          (((area.height - GAP * (otherRows - 1)) / otherRows) * 16) / 9,
        );
        assert.ok(width >= Math.floor(possible), `${tiles} tiles: ${other} columns are better than ${columns}`);
      }
    }
  }
});

test('a phone stacks, a desktop sets side by side', () => {
  assert.equal(bestLayout(2, { width: 340, height: 600 }, GAP).columns, 1);
  assert.equal(bestLayout(2, { width: 1_280, height: 640 }, GAP).columns, 2);
});
