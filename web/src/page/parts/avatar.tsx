import { hue, initials } from './initials.ts';

const SIZE = 96; // units of the drawing

/** Stands for a person without a picture. */
export function Avatar({ name }: { readonly name: string }) {
  return (
    <svg className="avatar" viewBox={`0 0 ${SIZE} ${SIZE}`} aria-hidden="true">
      <circle cx={SIZE / 2} cy={SIZE / 2} r={SIZE / 2} fill={`hsl(${hue(name)} 38% 42%)`} />
      <text x="50%" y="50%" dy="0.36em" textAnchor="middle">
        {initials(name)}
      </text>
    </svg>
  );
}
