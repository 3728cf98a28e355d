import { type Show, Video } from '../media/video.tsx';
import { ScreenIcon } from '../parts/icons.tsx';
import type { Screen } from './people.ts';
import { PAUSED } from './tile.tsx';

export function ScreenTile({ screen: { person, media, paused }, shows }: { readonly screen: Screen; readonly shows: Show }) {
  const words = person.me ? 'Your screen' : `Screen of ${person.name}`;
  return (
    <figure
      className="tile tile-screen"
      data-testid="tile"
      data-user={person.userId}
      data-participant={person.id}
      data-source="screen"
      data-paused={paused}
    >
      <Video media={media} whole label={words} {...(person.me ? {} : { shows })} />
      {paused && <p className="tile-paused">{PAUSED}</p>}
      <figcaption className="tile-label">
        <ScreenIcon />
        <span className="tile-name">{words}</span>
      </figcaption>
    </figure>
  );
}
