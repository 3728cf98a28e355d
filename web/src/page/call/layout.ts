/** Where tiles of 16:9 are largest: how many columns, and how wide each tile is, in pixels. */
export interface Layout {
  readonly columns: number;
  readonly width: number;
}

const RATIO = 16 / 9;

export function bestLayout(tiles: number, area: { readonly width: number; readonly height: number }, gap: number): Layout {
  let best: Layout = { columns: 1, width: 0 };
  for (let columns = 1; columns <= tiles; columns++) {
    const rows = Math.ceil(tiles / columns);
    const byWidth = (area.width - gap * (columns - 1)) / columns;
    const byHeight = ((area.height - gap * (rows - 1)) / rows) * RATIO;
    const width = Math.floor(Math.min(byWidth, byHeight));
    if (width > best.width) best = { columns, width };
  }
  return best;
}
