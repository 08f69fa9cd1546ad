import pytest

from stages.command.progress import progress_bar, say


def test_a_bar_is_silent_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as bar:
        task = bar.add_task("train", total=2, note="")
        bar.update(task, advance=2, note="loss 1.00")
    assert capsys.readouterr() == ("", "")


def test_a_sentence_goes_to_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    say("clean: 3 dialogues")
    assert capsys.readouterr() == ("clean: 3 dialogues\n", "")
