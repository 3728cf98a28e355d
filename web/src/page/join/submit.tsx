export function Submit({ joining }: { readonly joining: boolean }) {
  return (
    <button type="submit" className="primary" data-testid="join-button" disabled={joining}>
      {joining ? 'Joining…' : 'Join'}
    </button>
  );
}
