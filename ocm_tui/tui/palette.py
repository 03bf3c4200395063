"""The command palette: every action of this pane and of the app, by title and by help text."""

from textual.command import DiscoveryHit, Hit, Hits, Provider

from ocm_tui.tui.actions import Action, actions_of

__all__ = ["ActionCommands"]


class ActionCommands(Provider):
    def _actions(self) -> list[Action]:
        own = list(actions_of(getattr(self.screen, "pane", "")))
        verbs = {"command_palette", *(action.verb for action in own)}  # a pane's own way goes before the app's
        return [*own, *(action for action in actions_of("app") if action.verb not in verbs)]

    async def discover(self) -> Hits:
        for action in self._actions():
            yield DiscoveryHit(_label(action), self._runner(action), help=action.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._actions():
            label = _label(action)
            score = max(matcher.match(label), matcher.match(action.help) * 0.6)
            if score > 0:
                yield Hit(score, matcher.highlight(label), self._runner(action), help=action.help)

    def _runner(self, action: Action):  # type: ignore[no-untyped-def]  # Textual's IgnoreReturnCallbackType is private
        node = self.app if action.pane == "app" else self.screen

        async def run() -> None:
            await node.run_action(action.verb)

        return run


def _label(action: Action) -> str:
    return f"{action.title}  ({action.key_text})"
