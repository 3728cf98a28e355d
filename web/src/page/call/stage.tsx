import type { Show } from '../media/video.tsx';
import { Grid } from './grid.tsx';
import type { Person, Screen } from './people.ts';
import { ScreenTile } from './screen-tile.tsx';
import { Tile } from './tile.tsx';

interface StageProps {
  readonly people: readonly Person[];
  readonly screens: readonly Screen[];
  readonly shows: Show;
  readonly onMenu: ((participant: string) => void) | undefined; // undefined: there is nothing that we may do
}

/** Everybody; beside the screens, small, when there are any. */
export function Stage({ people, screens, shows, onMenu }: StageProps) {
  const tiles = people.map(person => (
    <Tile key={person.id} person={person} shows={shows} onMenu={person.me ? undefined : onMenu} />
  ));
  if (screens.length === 0) {
    return (
      <div className="stage">
        <Grid count={people.length}>{tiles}</Grid>
        {people.length === 1 && <p className="alone">Nobody else is here yet. Copy the link above and send it to somebody.</p>}
      </div>
    );
  }
  return (
    <div className="stage stage-sharing">
      <div className="screens">
        {screens.map(screen => (
          <ScreenTile key={screen.person.id} screen={screen} shows={shows} />
        ))}
      </div>
      <div className="strip">{tiles}</div>
    </div>
  );
}
