"""The page in Gradio, and the server for it, which speaks with this machine alone."""

import logging
import socket
from collections.abc import Callable
from typing import Any

import gradio
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse

from stages.charts.vega import Say
from stages.demo_page.columns import style
from stages.page.texts import NAMES, saying
from stages.params import Language

EXAMPLES = (
    """\
손님: 두 명이 앉을 자리 있나요?
점원: 20분 기다리시면 창가 자리로 모실게요.
손님: 네, 기다릴게요. 만둣국 하나 주세요. 저는 고기를 안 먹어요.
점원: 네, 주방에 말해 둘게요. 마실 것은요?
손님: 오미자차로 할게요.""",
    """\
#Person1#: 세희 졸업 선물로 뭐가 좋을까?
#Person2#: 손목시계 어때? 지난번에 가게 앞에서 한참 보더라.
#Person1#: 좋아. 난 5만 원밖에 못 써.
#Person2#: 충분해. 금요일까지 사 놓을게.""",
)
"""Invented."""

BOX = "Dialogue: one turn a line, with names or tags"
SET_LANGUAGE = "language => { document.documentElement.lang = language; }"

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
)
"""What the browser enforces: no request leaves this machine. Gradio compiles its templates."""

POSTED = tuple(f"/gradio_api/{name}" for name in ("queue/join", "run/predict", "cancel", "reset"))
"""All that the page posts to. Gradio has more, such as an upload of any size to this disk."""

SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]


class OwnPage:
    """Refuses what this page does not ask for: other sites' requests, uploads, other routes.

    A browser sends any page's requests to 127.0.0.1, and says in `Origin` or `Sec-Fetch-Site` whose
    they are. That the host is this machine `TrustedHostMiddleware` has seen to.
    """

    def __init__(self, app: Any) -> None:
        """Take what answers the others."""
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, as ASGI has it."""
        if scope["type"] == "lifespan" or self._is_own(scope):
            await self.app(scope, receive, send)
        else:
            await PlainTextResponse("Not for other pages.", 403)(scope, receive, send)

    def _is_own(self, scope: Any) -> bool:
        if scope["type"] != "http":
            return False  # the page has no websocket
        headers = Headers(scope=scope)
        own = f"http://{headers.get('host')}"
        asks_for_itself = headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        if headers.get("origin", own) != own:
            return False
        if scope["method"] in ("GET", "HEAD"):
            return asks_for_itself or headers.get("sec-fetch-mode") == "navigate"  # a link to it
        return asks_for_itself and scope["method"] == "POST" and scope["path"] in POSTED


class Policy:
    """Tells the browser the policy with each answer."""

    def __init__(self, app: Any) -> None:
        """Take what answers."""
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, as ASGI has it."""

        async def send_with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(b"content-security-policy", POLICY.encode())]
            await send(message)

        await self.app(scope, receive, send_with_policy)


Answer = Callable[[str, Language], str]
"""From a pasted text, and the reader's language, to the HTML that is shown of it."""


def build(answer: Answer, language: Language) -> gradio.Blocks:
    """Return the page: a text box, a button, and below them what `answer` makes of the text."""
    say = saying(language)
    with gradio.Blocks(title="yoyak", analytics_enabled=False) as page:
        with gradio.Row():
            heading = gradio.HTML(_heading(say))
            choice = gradio.Radio(
                [(name, code) for code, name in NAMES.items()],
                value=language,
                label=" · ".join(NAMES.values()),
                show_label=False,
                container=False,
                elem_id="language",
                scale=0,
                min_width=200,
            )
        dialogue = gradio.Textbox(
            label=say(BOX),
            placeholder="민수: 안녕하세요.\n지영: 네, 안녕하세요.",
            lines=7,
            max_lines=14,
            elem_id="dialogue",
        )
        examples = gradio.Examples(
            [[example] for example in EXAMPLES], dialogue, label=say("Examples")
        ).dataset
        button = gradio.Button(say("Summarize"), variant="primary", elem_id="summarize")
        asked, shown = gradio.State(""), gradio.HTML(elem_id="shown")
        gradio.on(
            [button.click, dialogue.submit],
            lambda pasted, language: (pasted, answer(pasted, language)),
            [dialogue, choice],
            [asked, shown],
            api_visibility="private",
        )
        choice.change(
            lambda language, pasted: _in_other_words(language, pasted, answer),
            [choice, asked],
            [heading, dialogue, examples, button, shown],
            api_visibility="private",
        )
        choice.change(None, choice, None, js=SET_LANGUAGE)
        page.load(None, choice, None, js=SET_LANGUAGE)
    return page


def _heading(say: Say) -> str:
    return f"<h1>{say('A dialogue, summarized')}</h1>"


def _in_other_words(language: Language, pasted: str, answer: Answer) -> tuple[Any, ...]:
    """Return all that the page says, in another language."""
    say = saying(language)
    return (
        _heading(say),
        gradio.Textbox(label=say(BOX)),
        gradio.Dataset(label=say("Examples")),
        say("Summarize"),
        answer(pasted, language) if pasted else "",
    )


def application(answer: Answer, language: Language) -> FastAPI:
    """Return the page behind all that guards it."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(OwnPage)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.add_middleware(Policy)
    theme = gradio.themes.Base(primary_hue="blue", font=SYSTEM_FONTS, font_mono=["monospace"])
    gradio.mount_gradio_app(
        app,
        build(answer, language),
        path="/",
        theme=theme,
        css=style(),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
    )
    return app


def serve(answer: Answer, listening: socket.socket, *, language: Language) -> None:
    """Serve the page until Ctrl-C; `launch()` of Gradio would ask itself through proxies."""
    app = application(answer, language)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    # A page that is open holds a request open, whose end by Ctrl-C would be told as an error.
    logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
    server.run(sockets=[listening])
