import { type Show, Video } from '../media/video.tsx';
import { ScreenIcon } from '../parts/icons.tsx';
import type { Screen } from './people.ts';

export function ScreenTile({ screen: { person, media }, shows }: { readonly screen: Screen; readonly shows: Show }) {
  const words = person.me ? 'Your screen' : `Screen of ${person.name}`;
  return (
    <figure
      className="tile tile-screen"
      data-testid="tile"
      data-user={person.userId}
      data-participant={person.id}
      data-source="screen"
    >
      <Video media={media} whole label={words} {...(person.me ? {} : { shows })} />
      <figcaption className="tile-label">
        <ScreenIcon />
        <span className="tile-name">{words}</span>
      </figcaption>
    </figure>
  );
}
