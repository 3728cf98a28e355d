/// ICE role and tie-breaker, as ICE-CONTROLLING or ICE-CONTROLLED carries it (RFC 8445 7.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Controlling { tie_breaker: u64 },
    Controlled { tie_breaker: u64 },
}

/// 300–699.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode(pub u16);

impl ErrorCode {
    pub const BAD_REQUEST: Self = Self(400);
    pub const UNAUTHENTICATED: Self = Self(401);
    pub const UNKNOWN_ATTRIBUTE: Self = Self(420);
    pub const ROLE_CONFLICT: Self = Self(487);
}
