import { Video } from '../media/video.tsx';
import { ScreenIcon } from '../parts/icons.tsx';
import type { Screen } from './people.ts';

export function ScreenTile({ screen: { person, media } }: { readonly screen: Screen }) {
  const words = person.me ? 'Your screen' : `Screen of ${person.name}`;
  return (
    <figure
      className="tile tile-screen"
      data-testid="tile"
      data-user={person.userId}
      data-participant={person.id}
      data-source="screen"
    >
      <Video media={media} whole label={words} />
      <figcaption className="tile-label">
        <ScreenIcon />
        <span className="tile-name">{words}</span>
      </figcaption>
    </figure>
  );
}
