import { type Call, type Device, type LocalMedia, MediaError } from '@aqlinks/client';
import { useEffect, useState } from 'react';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { useUnread } from '../chat/use-unread.ts';
import { recall } from '../join/remembered.ts';
import type { Seat } from '../join/seat.ts';
import { Sounds } from '../media/sounds.tsx';
import { useToggle } from '../media/use-preview.ts';
import '../styles/call.css';
import { Controls } from './controls.tsx';
import { Header } from './header.tsx';
import { Notices } from './notices.tsx';
import { peopleOf, screensOf, soundsOf } from './people.ts';
import { Settings } from './settings.tsx';
import { Stage } from './stage.tsx';
import { Status } from './status.tsx';
import { useCall } from './use-call.ts';
import { useNotices } from './use-notices.ts';

interface CallScreenProps {
  readonly call: Call;
  readonly media: LocalMedia;
  readonly seat: Seat;
}

export function CallScreen({ call, media, seat }: CallScreenProps) {
  const snapshot = useCall(call);
  const { notices, tell, dismiss } = useNotices(call);
  const [chatOpen, setChatOpen] = useState(false);
  const [settingsOpen, setSettingsOpen] = useState(false);
  const [speaker, setSpeaker] = useState(() => recall().speaker);
  const unread = useUnread(snapshot.messages, chatOpen);

  const problem = (_: Device | 'screen', error: unknown) => {
    if (error instanceof MediaError && error.code !== 'cancelled') tell('problem', error.message);
  };
  const toggle = useToggle(media, problem);
  const toggleScreen = () => {
    if (snapshot.local.screen.state === 'off') call.publishScreen().catch(error => problem('screen', error));
    else call.unpublish('screen');
  };

  const room = snapshot.room ?? seat.room ?? '';
  useEffect(() => {
    document.title = `${room} – aqlinks`;
    return () => {
      document.title = 'aqlinks';
    };
  }, [room]);

  const people = peopleOf(snapshot);
  return (
    <div className={chatOpen ? 'call call-chatting' : 'call'}>
      <Header room={room} count={people.length} />
      <Status connection={snapshot.connection} />
      <main className="call-main" aria-label="People">
        <Stage people={people} screens={screensOf(snapshot, people)} />
      </main>
      {chatOpen && (
        <ChatPanel
          messages={snapshot.messages}
          canSend={snapshot.connection.name === 'connected'}
          onSend={text => call.sendChat(text)}
          onClose={() => setChatOpen(false)}
        />
      )}
      <Notices notices={notices} onDismiss={dismiss} />
      <Sounds tracks={soundsOf(snapshot)} speaker={speaker} />
      <Controls
        call={call}
        local={snapshot.local}
        chatOpen={chatOpen}
        unread={unread}
        onToggle={toggle}
        onScreen={toggleScreen}
        onChat={() => setChatOpen(open => !open)}
        onSettings={() => setSettingsOpen(true)}
      />
      {settingsOpen && (
        <Settings media={media} onProblem={problem} onSpeaker={setSpeaker} onClose={() => setSettingsOpen(false)} />
      )}
    </div>
  );
}
