import type { ReactNode } from 'react';

/** Drawn on a 24-unit grid with the colour of the text around them; a label always stands beside or on the button. */
function icon(shape: ReactNode) {
  return () => (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      {shape}
    </svg>
  );
}

const SLASH = <path d="M4 4l16 16" />;
const MICROPHONE = (
  <>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21" />
  </>
);
const CAMERA = (
  <>
    <rect x="3" y="6.5" width="12" height="11" rx="2.5" />
    <path d="M15 10.8l5.2-3.1v8.6L15 13.2" />
  </>
);

export const MicrophoneIcon = icon(MICROPHONE);
export const MicrophoneOffIcon = icon(
  <>
    {MICROPHONE}
    {SLASH}
  </>,
);
export const CameraIcon = icon(CAMERA);
export const CameraOffIcon = icon(
  <>
    {CAMERA}
    {SLASH}
  </>,
);
export const ScreenIcon = icon(
  <>
    <rect x="3" y="4.5" width="18" height="12.5" rx="2" />
    <path d="M12 14V8m-2.6 2.4L12 7.8l2.6 2.6M8.5 20.5h7" />
  </>,
);
export const ChatIcon = icon(<path d="M4 5.5h16v11H11l-4.5 3.6v-3.6H4z" strokeLinejoin="round" />);
export const LeaveIcon = icon(
  <path
    d="M2.6 14.4c4.9-5.9 13.9-5.9 18.8 0l-2 2.7-4.1-1.3v-2.6a10 10 0 0 0-6.6 0v2.6l-4.1 1.3z"
    fill="currentColor"
    strokeLinejoin="round"
  />,
);
export const LinkIcon = icon(
  <path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1" />,
);
export const SettingsIcon = icon(
  <>
    <path d="M4 7h8m5 0h3M4 17h3m5 0h8" />
    <circle cx="14.5" cy="7" r="2.3" />
    <circle cx="9.5" cy="17" r="2.3" />
  </>,
);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const SendIcon = icon(<path d="M4 12l16-7-5.5 15-3-6.2z" strokeLinejoin="round" />);
export const PeopleIcon = icon(
  <>
    <circle cx="9" cy="8.5" r="3.3" />
    <path d="M3 19c0-6.5 12-6.5 12 0M15.5 5.6a3.3 3.3 0 0 1 0 5.8M17 14c2.5.500 4 2.2 4 5" />
  </>,
);
export const MoreIcon = icon(
  <g fill="currentColor" stroke="none">
    <circle cx="5.5" cy="12" r="1.9" />
    <circle cx="12" cy="12" r="1.9" />
    <circle cx="18.5" cy="12" r="1.9" />
  </g>,
);
export const LockIcon = icon(
  <>
    <rect x="5" y="10.5" width="14" height="9.5" rx="2" />
    <path d="M8 10.5V8a4 4 0 0 1 8 0v2.5" />
  </>,
);
