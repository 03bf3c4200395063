"""Whether writes are allowed now, and if not, why: enforced by the service, below every view."""

from dataclasses import dataclass

from ocm_tui.core.errors import Refused

__all__ = ["WritePolicy"]


@dataclass(slots=True, kw_only=True)
class WritePolicy:
    """Three reasons against a write: the user wants none, the environment is protected, the account may not.

    `read_only_because` names what asked for read-only: the flag, or a key of the configuration.
    `account_may_write` is None until the server has told.
    """

    protected: bool = False
    read_only: bool = False
    read_only_because: str = "--read-only"
    account_may_write: bool | None = None
    unlocked: bool = False

    def unlock(self) -> None:
        """Consent to writes in a protected environment; it does not overrule read-only."""
        self.unlocked = True

    def lock(self) -> None:
        self.unlocked = False

    def learn_forbidden(self) -> None:
        """The server answered a write with 403. An account that is known to write met some other rule."""
        if self.account_may_write is None:
            self.account_may_write = False

    def why_not(self) -> str | None:
        """One sentence why writes are refused now; None when they are not."""
        reason = self._reason()
        return reason[0] if reason else None

    def require(self, action: str) -> None:
        """Refused unless writes are allowed; `action` is what was wanted, such as `delete orders-api`."""
        reason = self._reason()
        if reason is not None:
            why, hint = reason
            raise Refused(f"refused to {action}: {why}", hint=hint)

    def _reason(self) -> tuple[str, str] | None:
        if self.read_only:
            return f"read-only ({self.read_only_because})", f"start without {self.read_only_because} to change anything"
        if self.account_may_write is False:
            return "this account may only read on the server", "sign in with an account that has the Admin role"
        if self.protected and not self.unlocked:
            return "this environment is protected and locked", "unlock it first"
        return None
