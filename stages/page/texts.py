"""What report and demo say: the English text, as the code has it, and the Korean one.

`{names}` stand for values. Names of params, files and commands, and terms such as ROUGE, are the
same in both. A text that is not here is shown as it stands (tests/page/test_texts.py).
"""

from collections.abc import Mapping

from stages.charts.vega import Say, english
from stages.params import Language

NAMES: Mapping[Language, str] = {"ko": "한국어", "en": "English"}

KOREAN = {
    # The page's frame
    "Report: dev {score:.2f}": "보고서: dev {score:.2f}",
    "Skip to the dialogues": "대화로 건너뛰기",
    "Sections": "목차",
    "Score": "점수",
    "Training": "학습",
    "Lengths": "길이",
    "Cleaning": "정제",
    "Leaks": "누출",
    "Slices": "부분별",
    "Errors": "오류",
    "Search": "탐색",
    "Experiments": "실험",
    "Dialogues": "대화",
    "Theme": "테마",
    "auto": "자동",
    "light": "밝게",
    "dark": "어둡게",
    "Language": "언어",
    # Score
    "Dialogue summarization report": "대화 요약 보고서",
    "ROUGE mean on dev, 0–100": "dev의 ROUGE 평균, 0–100",
    "95% interval {low:.2f}–{high:.2f}, {n:,} dialogues": (
        "95% 신뢰 구간 {low:.2f}–{high:.2f}, 대화 {n:,}개"
    ),
    "Beside what needs no model: a score says something only above its floors.": (
        "모델 없이도 얻는 점수와 나란히: 점수는 바닥 점수보다 높을 때에만 뜻이 있습니다."
    ),
    "What": "항목",
    "ROUGE mean": "ROUGE 평균",
    "95% interval": "95% 구간",
    "This model, dev": "이 모델, dev",
    "This model, test": "이 모델, test",
    "KoBART baseline": "KoBART 베이스라인",
    "published, ± 0.5; holds if these are the competition's dialogues": (
        "공개된 점수, ± 0.5. 경진대회의 대화일 때에만 견줄 수 있습니다"
    ),
    "Constant": "같은 문장",
    "First two turns": "처음 두 발화",
    "Longest turn": "가장 긴 발화",
    "One sentence for every dialogue.": "모든 대화에 같은 문장 하나.",
    "The first two turns with their tags.": "처음 두 발화를 태그까지 그대로.",
    "The turn with the most characters, the first of several, with its tag.": (
        "글자가 가장 많은 발화를 태그까지 그대로. 여럿이면 그 가운데 첫째."
    ),
    "Test has no references here, so that only dev is scored.": (
        "test에 정답 요약이 없어서 dev만 채점했습니다."
    ),
    "Nothing was selected on test.": "test를 보고 고른 것은 없습니다.",
    "Histogram of the scores of single dialogues": "대화별 점수의 히스토그램",
    (
        "How many dialogues have which score. A mean hides that some fail altogether: sort "
        "the dialogues below by score to read those."
    ): (
        "몇 점짜리 대화가 몇 개인지. 평균만 보면 아주 실패한 대화가 가려집니다. 아래에서 "
        "대화를 점수순으로 늘어놓고 읽어 보세요."
    ),
    "Signature of the score:": "점수의 서명:",
    "Dialogues by their score": "점수별 대화 수",
    "ROUGE mean of a dialogue, 0–100": "대화 하나의 ROUGE 평균, 0–100",
    # Training
    (
        "{steps:,} steps over {epochs:g} epochs; the weights are those of epoch "
        "<b>{best:g}</b>, the best on dev ({score:.2f}, decoded greedily on a part of dev, "
        "so not the score above). {parameters:,} parameters."
    ): (
        "{epochs:g}에폭 동안 {steps:,}스텝. 가중치는 dev에서 가장 좋았던 "
        "<b>{best:g}</b>에폭의 것입니다(dev 일부를 그리디로 디코딩한 점수 {score:.2f}. 위의 "
        "점수와는 다릅니다). 파라미터 {parameters:,}개."
    ),
    "Line chart: training loss over epochs": "선 그래프: 에폭별 학습 손실",
    "Training loss, mean of the steps since the point before.": (
        "학습 손실. 앞 점 뒤로 지나간 스텝들의 평균입니다."
    ),
    "Line chart: dev score of each epoch": "선 그래프: 에폭별 dev 점수",
    "Score of a fixed part of dev after each epoch; the best one is a diamond.": (
        "에폭마다 dev의 정해진 일부로 잰 점수. 가장 좋은 것이 마름모입니다."
    ),
    "The scores as a table": "점수를 표로 보기",
    "Epoch": "에폭",
    "No learning curves here. They get written by <code>{command}</code>.": (
        "학습 곡선이 없습니다. 쓰는 명령: <code>{command}</code>."
    ),
    "Training loss over epochs": "에폭별 학습 손실",
    "epoch": "에폭",
    "training loss": "학습 손실",
    "loss": "손실",
    "Dev score of each epoch": "에폭별 dev 점수",
    "rouge_mean": "rouge_mean",
    "dev ROUGE mean, 0–100": "dev ROUGE 평균, 0–100",
    # Lengths
    "Lengths and truncation": "길이와 잘림",
    (
        "A vocabulary of {n:,} tokens. Lengths are in tokens, after truncation: as the model "
        "reads them."
    ): ("어휘는 토큰 {n:,}개. 길이는 자르고 난 뒤의 토큰 수, 곧 모델이 읽는 그대로입니다."),
    "Split": "나눔",
    "Dialogue, tokens": "대화, 토큰",
    "Summary, tokens": "요약, 토큰",
    "Cut to fit": "잘린 것",
    "mean": "평균",
    "longest": "최대",
    "dialogues": "대화",
    "turns": "발화",
    "summaries": "요약",
    "No lengths here. They get written by <code>{command}</code>.": (
        "길이가 없습니다. 쓰는 명령: <code>{command}</code>."
    ),
    "Line chart: shares of dialogues by length, for each split": (
        "선 그래프: 나눔마다 길이별 대화의 비율"
    ),
    "Lengths of the dialogues. A pile at the right end is what truncation cut to one length.": (
        "대화의 길이. 오른쪽 끝에 쌓인 것은 같은 길이로 잘린 대화들입니다."
    ),
    "Lengths of the dialogues of each split": "나눔별 대화 길이",
    "tokens of a dialogue, in steps of {width}": "대화의 토큰 수, {width}개 단위",
    "% of the dialogues": "대화의 %",
    "split": "나눔",
    "tokens": "토큰",
    "share": "비율(%)",
    "from": "부터",
    "to": "까지",
    # Cleaning
    "What cleaning changed": "정제가 바꾼 것",
    "File": "파일",
    "Rows read": "읽은 행",
    "repaired": "고친 행",
    "set aside": "뺀 행",
    "kept": "남은 행",
    "Dialogue, mean characters": "대화 평균 글자 수",
    "md5 of the file": "파일의 md5",
    (
        "Scores compare only where the md5 of dev.csv is the same. No summary is ever "
        "rewritten, and no row of dev or test set aside."
    ): (
        "dev.csv의 md5가 같을 때에만 점수를 견줄 수 있습니다. 요약문은 고쳐 쓰지 않고, dev와 "
        "test의 행은 빼지 않습니다."
    ),
    "Rules that found something": "찾아낸 것이 있는 규칙",
    "Rule": "규칙",
    "In references:": "정답 요약에서:",
    "Examples": "예",
    "before": "고치기 전",
    "after": "고친 뒤",
    "nothing is left": "남은 것 없음",
    "Rules that found nothing:": "찾아낸 것이 없는 규칙:",
    "No rule found anything:": "어떤 규칙도 찾아낸 것이 없습니다:",
    (
        "Every change stands in <code>data/clean/ledger.csv</code>. In the examples a dot at "
        "an end of a line is a blank, and <code>\\x08</code> or the like a character that "
        "nobody sees."
    ): (
        "고친 것은 모두 <code>data/clean/ledger.csv</code>에 있습니다. 예에서 줄 끝의 "
        "가운뎃점은 빈칸이고, <code>\\x08</code> 같은 것은 눈에 보이지 않는 글자입니다."
    ),
    "Nothing is known of the cleaning. It gets written by <code>{command}</code>.": (
        "정제에 대해 알려진 것이 없습니다. 쓰는 명령: <code>{command}</code>."
    ),
    # Rules of cleaning, each by the first sentence of its docstring
    "Names before the colons become tags; data/clean/speakers.csv has them.": (
        "콜론 앞의 이름을 태그로 바꿉니다. 이름은 data/clean/speakers.csv에 있습니다."
    ),
    "These names become the same tags.": "같은 이름을 같은 태그로 바꿉니다.",
    "One of several references is none, such as nan, and left out.": (
        "여러 정답 요약 가운데 nan처럼 요약이 아닌 것을 뺍니다."
    ),
    "The training row has no summary and is set aside.": "요약이 없는 학습 행을 뺍니다.",
    "The training row is a near-copy of a dev or test row and is set aside.": (
        "dev나 test의 행과 거의 같은 학습 행을 뺍니다."
    ),
    "Make `_x000D_` the control character that Excel writes so; here a line end.": (
        "엑셀이 적은 `_x000D_`를 본디의 제어 문자로, 여기서는 줄 끝으로 되돌립니다."
    ),
    "Write the character that an HTML entity stands for; what is none, such as `R&B`, stays.": (
        "HTML 엔티티를 그것이 뜻하는 글자로 씁니다. `R&B`처럼 엔티티가 아닌 것은 그대로 둡니다."
    ),
    "Make a line end of Unicode's separators of lines and paragraphs, which nobody sees.": (
        "눈에 보이지 않는 유니코드 줄·문단 구분자를 줄 끝으로 바꿉니다."
    ),
    "Make every line end a line feed.": "모든 줄 끝을 LF로 통일합니다.",
    "Make one character of a syllable that is written in its parts (NFD, as macOS does).": (
        "macOS처럼 자모로 풀어 쓴 음절(NFD)을 한 글자로 모읍니다."
    ),
    "Take out control characters but the tab and the line feed.": (
        "탭과 줄 바꿈 말고 다른 제어 문자를 없앱니다."
    ),
    (
        "Take out characters that nobody can see: U+200B, U+FEFF, marks of direction and "
        "their like."
    ): ("눈에 보이지 않는 글자(U+200B, U+FEFF, 글자 방향 표시 따위)를 없앱니다."),
    "Make a backslash and an `n` the line end that they stand for; a path keeps them.": (
        "역슬래시와 `n`을 그것이 뜻하는 줄 끝으로 바꿉니다. 경로 안에서는 그대로 둡니다."
    ),
    "Make `<br>` the line end that it stands for.": "`<br>`을 그것이 뜻하는 줄 끝으로 바꿉니다.",
    "Take the blanks off both ends of every line.": "모든 줄의 앞뒤 빈칸을 없앱니다.",
    "Take out lines without a character.": "빈 줄을 없앱니다.",
    "Write the hashes of a speaker's tag as ASCII.": "화자 태그의 샵을 ASCII로 씁니다.",
    "Write a speaker's tag in English.": "화자 태그를 영어로 씁니다.",
    "Write a speaker's tag with one capital.": "화자 태그를 첫 글자만 대문자로 씁니다.",
    "Take the blanks out of a speaker's tag.": "화자 태그 안의 빈칸을 없앱니다.",
    "Leave one hash before and one behind a speaker's tag; two tags in a row keep theirs.": (
        "화자 태그 앞뒤의 샵을 하나씩만 남깁니다. 잇달아 나온 두 태그는 그대로 둡니다."
    ),
    "Complete a speaker's tag that lacks a hash, where a colon or its place shows what it is.": (
        "콜론이나 자리로 보아 화자 태그가 분명하면, 빠진 샵을 채웁니다."
    ),
    "Take off the quotes around a whole dialogue; quotes within it stay.": (
        "대화 전체를 둘러싼 따옴표를 없앱니다. 대화 안의 따옴표는 그대로 둡니다."
    ),
    "Begin a line at every speaker's tag with a colon; a tag without one is a word of a turn.": (
        "콜론이 붙은 화자 태그마다 줄을 바꿉니다. 콜론이 없는 태그는 발화의 말입니다."
    ),
    (
        "Put a colon after a speaker's tag that opens a line, unless a sentence begins with "
        "the tag."
    ): ("줄을 여는 화자 태그 뒤에 콜론을 붙입니다. 태그로 시작하는 문장이면 그대로 둡니다."),
    "Put one blank after the colon of a turn and none before it.": (
        "발화의 콜론 뒤에 빈칸 하나를 두고, 앞에는 두지 않습니다."
    ),
    "Put a line without a tag behind the turn that it goes on with.": (
        "태그가 없는 줄을, 그 줄이 이어지는 발화 뒤에 붙입니다."
    ),
    "Take out turns without words at the end; elsewhere they say that somebody was silent.": (
        "끝에 있는 말 없는 발화를 없앱니다. 다른 곳의 것은 누군가 침묵했다는 뜻이므로 둡니다."
    ),
    "Complete a syllable that was typed in half, where only one completion exists.": (
        "반만 친 음절을, 채울 길이 하나뿐일 때 채웁니다."
    ),
    "Take out of a reference what nobody sees; line ends stay as they are.": (
        "정답 요약에서 눈에 보이지 않는 것을 없앱니다. 줄 끝은 그대로 둡니다."
    ),
    # Leaks
    (
        "Near-copies share so many character 3-grams that one was made from the other, or "
        "both from a third."
    ): (
        "거의 같은 대화란 글자 3-그램이 아주 많이 겹쳐서, 한쪽을 고쳐 다른 쪽을 만들었거나 "
        "둘 다 같은 것에서 나왔다고 볼 만한 것입니다."
    ),
    "No training row is a near-copy of dev or test.": (
        "dev나 test와 거의 같은 학습 행은 없습니다."
    ),
    (
        "Training rows that are near-copies of dev or test: {n:,}, of which {dropped:,} were "
        "dropped."
    ): ("dev나 test와 거의 같은 학습 행: {n:,}개. 그 가운데 {dropped:,}개를 뺐습니다."),
    (
        "Training rows that are near-copies of dev or test: {n:,}; nothing was dropped "
        "(<code>clean.leaks: drop</code> does)."
    ): (
        "dev나 test와 거의 같은 학습 행: {n:,}개. 빼지는 않았습니다(<code>clean.leaks: "
        "drop</code>이면 뺍니다)."
    ),
    "Rows with a near-copy in train": "train에 거의 같은 것이 있는 행",
    "pairs": "쌍",
    "similarity ≥ 0.5": "유사도 ≥ 0.5",
    "identical": "똑같은 것",
    "not looked for": "찾지 않음",
    "Inside train copies were not looked for.": "train 안에서는 찾지 않았습니다.",
    (
        "Inside train {rows:,} rows form {groups:,} groups of near-copies, the largest of "
        "{largest:,}."
    ): (
        "train 안에서는 {rows:,}행이 거의 같은 것끼리 {groups:,}개 무리를 이루고, 가장 큰 "
        "무리는 {largest:,}행입니다."
    ),
    "Under suspicion, and left as they are: {n:,} rows that share a summary.": (
        "의심스럽지만 그대로 둔 것: 요약이 똑같은 {n:,}행."
    ),
    (
        "Pairs and suspects stand in <code>data/clean/leaks.csv</code> and "
        "<code>suspects.csv</code>."
    ): (
        "쌍과 의심스러운 행은 <code>data/clean/leaks.csv</code>와 "
        "<code>suspects.csv</code>에 있습니다."
    ),
    'What the copies are worth in points is the last part of the <a href="#slices">slices</a>.': (
        '그것이 몇 점을 보태는지는 <a href="#slices">부분별</a> 점수의 맨 끝에 있습니다.'
    ),
    (
        "Nobody looked for near-copies between train and dev yet. That is done by "
        "<code>{command}</code>."
    ): (
        "train과 dev 사이의 거의 같은 대화를 아직 찾지 않았습니다. 찾는 명령: "
        "<code>{command}</code>."
    ),
    # Slices
    (
        "The score of parts of dev. A part of few dialogues says little: look at the "
        "interval. The line is the whole of dev, {score:.2f}."
    ): (
        "dev를 나눈 부분마다의 점수입니다. 대화가 몇 안 되는 부분은 말해 주는 것이 적으니 "
        "구간을 보세요. 점선은 dev 전체, {score:.2f}입니다."
    ),
    "Part": "부분",
    "Read them": "읽어 보기",
    "read": "읽기",
    "Read the dialogues:": "대화 읽기:",
    "none of one": "하나뿐",
    "{n} and more": "{n} 이상",
    "Topic": "주제",
    "Speakers": "화자 수",
    "Turns": "발화 수",
    "Source length, characters": "대화 길이, 글자",
    "Summary length, characters": "요약 길이, 글자",
    "Truncated": "잘림",
    "Near copy": "거의 같은 것이 train에",
    "treatment": "진료",
    "school": "학교",
    "work": "일",
    "travel": "여행",
    "shopping": "쇼핑",
    "leisure": "여가",
    "other": "그 밖",
    "yes": "예",
    "no": "아니요",
    # Errors, each by the first sentence of its docstring
    (
        "What a reader would call an error, whatever the score. A rule that cannot be sure "
        "says nothing."
    ): (
        "점수와 상관없이 읽는 사람이 오류라고 부를 만한 것입니다. 확실하지 않으면 규칙은 "
        "아무 말도 하지 않습니다."
    ),
    "Error": "오류",
    "Summaries": "요약",
    "of {n:,}": "{n:,}개 중",
    "Empty": "빈 요약",
    "The prediction says nothing at all.": "모델 요약에 아무 말도 없습니다.",
    "Unknown speaker": "없는 화자",
    "The prediction names a speaker whom the dialogue does not have.": (
        "대화에 없는 화자가 모델 요약에 나옵니다."
    ),
    "Lost mask": "깨진 마스크",
    "Half a mask is left of one, or only the word that stood behind it.": (
        "마스크가 반만 남았거나, 그 뒤의 말만 남았습니다."
    ),
    "Unknown number": "없는 숫자",
    "The prediction has a number in digits that the dialogue neither writes nor says.": (
        "대화에 숫자로도 말로도 나오지 않는 숫자가 있습니다."
    ),
    "Unknown name": "없는 이름",
    "The prediction has a name that the dialogue does not have.": "대화에 없는 이름이 있습니다.",
    "Unfinished": "끊긴 문장",
    "The prediction stops before the end of a sentence.": "문장이 끝나기 전에 멈춥니다.",
    "Copied": "베낌",
    "Half the prediction or more is one run of the dialogue's morphemes or words.": (
        "모델 요약의 절반 이상이 대화의 형태소나 낱말을 그대로 이어 쓴 것입니다."
    ),
    "Repeating": "되풀이",
    "Every fifth run of three morphemes or words, or more, was there before.": (
        "잇달은 형태소나 낱말 셋의 다섯에 하나 이상이 앞에 나온 것입니다."
    ),
    "Too long": "너무 김",
    "The prediction is longer than the dialogue, or than any known summary.": (
        "대화보다, 또는 알려진 어떤 요약보다 깁니다."
    ),
    # Search
    "The winner": "이긴 값",
    "winner": "이긴 값",
    "trial {name}": "시도 {name}",
    "experiment {name}": "실험 {name}",
    "params before the search": "탐색 전 파라미터",
    "Nothing that was tried scores above 0.": "0점을 넘은 시도가 없습니다.",
    "Not compared: the params before the search give no score.": (
        "견줄 수 없습니다. 탐색 전 파라미터에는 점수가 없습니다."
    ),
    "Not compared.": "견줄 수 없습니다.",
    "The params before the search are the best that was found, over {n} seeds each.": (
        "시드 {n}개씩의 평균으로, 탐색 전 파라미터가 찾은 것 가운데 가장 좋습니다."
    ),
    "Better than the noise: {figures}.": "노이즈보다 확실히 좋습니다: {figures}.",
    "Not better than the noise: {figures}.": "노이즈보다 낫다고 할 수 없습니다: {figures}.",
    "On one seed, which says nothing of others, against the params before the search.": (
        "시드 하나에서 탐색 전 파라미터와 견준 것이라, 다른 시드에 대해서는 말해 주지 않습니다."
    ),
    "Over {n} seeds each, against the params before the search.": (
        "시드 {n}개씩의 평균을 탐색 전 파라미터와 견준 것입니다."
    ),
    "Seeds alone do up to {noise:.2f}.": "시드만 바꿔도 {noise:.2f}점까지 움직입니다.",
    "params.yaml has the winner's values.": "params.yaml에 이긴 값이 들어 있습니다.",
    "<code>{command}</code> writes the winner's values into params.yaml.": (
        "<code>{command}</code>가 이긴 값을 params.yaml에 씁니다."
    ),
    "Params": "파라미터",
    "each seed": "시드마다",
    (
        "Difference {difference:+.2f} points, 95% interval {low:+.2f} to {high:+.2f}, p "
        "{p:.4f} (paired bootstrap)."
    ): (
        "차이 {difference:+.2f}점, 95% 구간 {low:+.2f}~{high:+.2f}, p {p:.4f} (짝지은 부트스트랩)."
    ),
    "Trials": "시도",
    (
        "{trials:,} trials: {complete:,} finished, {pruned:,} ended early, {failed:,} "
        "failed; {told:,} more were known from other experiments."
    ): (
        "시도 {trials:,}번: 끝까지 간 것 {complete:,}번, 일찍 끝낸 것 {pruned:,}번, 실패한 "
        "것 {failed:,}번. 그 밖에 다른 실험에서 알고 있던 것이 {told:,}개입니다."
    ),
    (
        "{seconds:,.0f} seconds of training, {confirming:,.0f} of them to confirm the best "
        "over seeds."
    ): (
        "학습에 {seconds:,.0f}초, 그 가운데 가장 좋은 것들을 여러 시드로 확인하는 데 "
        "{confirming:,.0f}초."
    ),
    "Decoding, on the model that was found": "디코딩, 찾아낸 모델로",
    "Scatter chart: score of each trial, with the best so far": (
        "점 그래프: 시도마다의 점수와 그때까지의 최고"
    ),
    (
        "Every trial in the order in which it was tried, and the best so far as a line. At "
        "the foot stand those without a score: crosses were ended early, triangles failed."
    ): (
        "시도한 차례대로 놓은 모든 시도와, 그때까지의 최고를 이은 선. 맨 아래는 점수가 없는 "
        "것으로, 엑스표는 일찍 끝낸 것, 세모는 실패한 것입니다."
    ),
    "Scatter chart: what was tried of the two keys that matter most": (
        "점 그래프: 가장 중요한 두 값에서 시도한 것"
    ),
    "What each source of trials tried of the two keys that matter most; the larger, the better.": (
        "가장 중요한 두 값에서 시도한 것을 출처별로. 점이 클수록 좋은 점수입니다."
    ),
    "Scatter chart: score over {key}": "점 그래프: {key}에 따른 점수",
    "Score over {key}": "{key}에 따른 점수",
    "Bar chart: importance of each parameter": "막대 그래프: 파라미터마다의 중요도",
    "How much each key matters (PED-ANOVA)": "파라미터마다의 중요도 (PED-ANOVA)",
    "Parallel coordinates of all trials": "모든 시도의 평행 좌표",
    "Each trial as a line over its values to its score; a dashed one has no score.": (
        "시도마다 값들을 지나 점수에 이르는 선 하나. 점선은 점수가 없는 시도입니다."
    ),
    "Each trial as a line over its values to its score": (
        "시도마다 값들을 지나 점수에 이르는 선 하나"
    ),
    "The best {n:,} of {all:,}, all of them in <code>metrics/tune/trials.csv</code>.": (
        "{all:,}개 가운데 좋은 {n:,}개. 전부는 <code>metrics/tune/trials.csv</code>에 있습니다."
    ),
    "Click on a heading to sort.": "제목을 누르면 정렬됩니다.",
    "Trial": "시도",
    "Seconds": "초",
    "State": "상태",
    "Source": "출처",
    "complete": "완료",
    "pruned": "일찍 끝냄",
    "fail": "실패",
    "running": "진행 중",
    "waiting": "대기 중",
    (
        "Nothing was searched. A search is started by <code>dvc exp run -S tune.trials=12 "
        "tune</code> or <code>make tune</code>; it begins from what your experiments have "
        "measured already."
    ): (
        "탐색한 것이 없습니다. <code>dvc exp run -S tune.trials=12 tune</code>이나 "
        "<code>make tune</code>으로 시작하며, 실험들이 이미 재 놓은 결과에서 출발합니다."
    ),
    "best": "최고",
    "search": "탐색",
    "experiments": "다른 실험",
    "ended early": "일찍 끝냄",
    "failed": "실패",
    "finished": "완료",
    "trial": "시도",
    "kind": "종류",
    "score": "점수",
    "reason": "까닭",
    "key": "파라미터",
    "trial, in order": "시도한 차례",
    "Score of each trial, and the best so far: {counts}": (
        "시도마다의 점수와 그때까지의 최고: {counts}"
    ),
    "What was tried of {x} and {y}": "{x}, {y}에서 시도한 것",
    "This needs 4 finished trials that differ.": "서로 다른 시도 4개가 끝나야 합니다.",
    "importance, %": "중요도, %",
    "searched key": "탐색한 파라미터",
    # Experiments
    (
        "<b>The score above is not among them</b>: the comparison is of another run. Anew: "
        "<code>python -m stages.compare --report</code>, then <code>dvc repro</code>."
    ): (
        "<b>위의 점수는 이 가운데 없습니다</b>. 다른 실행을 비교한 것입니다. 새로 하려면 "
        "<code>python -m stages.compare --report</code>, 그다음 <code>dvc repro</code>."
    ),
    "Chart: score of each experiment with its interval": "그래프: 실험마다의 점수와 구간",
    "Score and 95% interval of each experiment.": "실험마다의 점수와 95% 구간.",
    "Score and 95% interval of the best {n} experiments.": (
        "가장 좋은 실험 {n}개의 점수와 95% 구간."
    ),
    (
        "Dashed: the baseline and the best floor. A diamond is better than the baseline by "
        "more than chance, a triangle worse, a circle a tie."
    ): (
        "점선은 기준과 가장 높은 바닥 점수. 마름모는 우연이라 하기 어렵게 기준보다 좋은 것, "
        "세모는 나쁜 것, 동그라미는 무승부입니다."
    ),
    "Small: 95% intervals.": "작은 글씨는 95% 구간입니다.",
    "Experiment": "실험",
    "Difference": "차이",
    "Verdict": "판정",
    "Public": "공개",
    "Private": "비공개",
    "{n} seeds": "시드 {n}개",
    "better": "더 좋음",
    "worse": "더 나쁨",
    "tie": "무승부",
    "baseline": "기준",
    "not compared": "견주지 않음",
    "{name} (floor)": "{name} (바닥 점수)",
    "experiment": "실험",
    "name": "이름",
    "params": "파라미터",
    "low": "구간 아래 끝",
    "high": "구간 위 끝",
    "line": "선",
    "Scores of the experiments with their intervals": "실험들의 점수와 구간",
    (
        "None were compared yet. They stand in DVC, where a stage cannot look: <code>python "
        "-m stages.compare --report</code> and <code>dvc repro</code> bring them here, each "
        "with its difference and what that is worth."
    ): (
        "아직 비교한 실험이 없습니다. 실험은 DVC 안에 있고 단계는 그곳을 볼 수 없습니다. "
        "<code>python -m stages.compare --report</code>와 <code>dvc repro</code>를 하면, "
        "차이와 그 차이를 얼마나 믿을 수 있는지가 여기에 나옵니다."
    ),
    "other scorer": "다른 채점",
    "other edition": "다른 판",
    "other data": "다른 데이터",
    "other train": "다른 train",
    "stale": "낡음",
    "not here": "여기 없음",
    "Other scorer: the signatures differ, so the scores do not compare.": (
        "다른 채점: 서명이 달라 점수를 견줄 수 없습니다."
    ),
    "Other edition: dev.csv has other rows or lengths, so they do not compare.": (
        "다른 판: dev.csv의 행이나 길이가 달라 견줄 수 없습니다."
    ),
    "Other data: other dev dialogues were scored, so the scores do not compare.": (
        "다른 데이터: 다른 dev 대화를 채점해서 점수를 견줄 수 없습니다."
    ),
    "Other train: the same dev.csv, and another train.csv.": (
        "다른 train: dev.csv는 같고 train.csv가 다릅니다."
    ),
    "Stale: its params or data were changed after the score was made (dvc repro).": (
        "낡음: 점수를 낸 뒤에 파라미터나 데이터가 바뀌었습니다(dvc repro)."
    ),
    "Not here: the predictions are not in this cache (dvc exp pull).": (
        "여기 없음: 예측이 이 캐시에 없습니다(dvc exp pull)."
    ),
    (
        "Differences are to {name}. A tie has a p of 0.05 or more (what seeds alone do is "
        "not known yet: python -m stages.noise)."
    ): (
        "차이는 {name}을(를) 기준으로 합니다. 무승부는 p가 0.05 이상인 것입니다(시드만으로 "
        "얼마나 움직이는지는 아직 모릅니다: python -m stages.noise)."
    ),
    (
        "Differences are to {name}. A tie has a p of 0.05 or more, or lies within the "
        "{points} points that seeds alone make."
    ): (
        "차이는 {name}을(를) 기준으로 합니다. 무승부는 p가 0.05 이상이거나, 시드만으로 "
        "생기는 {points}점 안에 드는 것입니다."
    ),
    "That was measured with other params or data; anew: python -m stages.noise": (
        "이것은 다른 파라미터나 데이터로 잰 값입니다. 새로 재려면: python -m stages.noise"
    ),
    (
        "{n} result of the public leaderboard: {fewest} at least are needed before anything "
        "can be said of which local score foretells it."
    ): (
        "공개 리더보드 결과 {n}개: 적어도 {fewest}개는 있어야 어떤 점수가 리더보드를 "
        "내다보게 하는지 말할 수 있습니다."
    ),
    (
        "{n} results of the public leaderboard: {fewest} at least are needed before anything "
        "can be said of which local score foretells it."
    ): (
        "공개 리더보드 결과 {n}개: 적어도 {fewest}개는 있어야 어떤 점수가 리더보드를 "
        "내다보게 하는지 말할 수 있습니다."
    ),
    (
        "{n} result of the private leaderboard: {fewest} at least are needed before anything "
        "can be said of which local score foretells it."
    ): (
        "비공개 리더보드 결과 {n}개: 적어도 {fewest}개는 있어야 어떤 점수가 리더보드를 "
        "내다보게 하는지 말할 수 있습니다."
    ),
    (
        "{n} results of the private leaderboard: {fewest} at least are needed before "
        "anything can be said of which local score foretells it."
    ): (
        "비공개 리더보드 결과 {n}개: 적어도 {fewest}개는 있어야 어떤 점수가 리더보드를 "
        "내다보게 하는지 말할 수 있습니다."
    ),
    "Rank correlation with {n} public results (below {chance} is chance): {listed}.": (
        "공개 결과 {n}개와의 순위 상관({chance}보다 작으면 우연): {listed}."
    ),
    "Rank correlation with {n} private results (below {chance} is chance): {listed}.": (
        "비공개 결과 {n}개와의 순위 상관({chance}보다 작으면 우연): {listed}."
    ),
    "Rank correlation with {n} public results (with so few, all may be chance): {listed}.": (
        "공개 결과 {n}개와의 순위 상관(너무 적어 모두 우연일 수 있습니다): {listed}."
    ),
    "Rank correlation with {n} private results (with so few, all may be chance): {listed}.": (
        "비공개 결과 {n}개와의 순위 상관(너무 적어 모두 우연일 수 있습니다): {listed}."
    ),
    # Dialogues
    "{n:,} of {all:,}, taken evenly, for the page would be too large with all.": (
        "{all:,}개 가운데 고르게 뽑은 {n:,}개입니다. 전부 담으면 페이지가 너무 커집니다."
    ),
    (
        "<mark>Marked</mark> is what reference and prediction share, as ROUGE-1 counts it; "
        "speakers and masks are coloured instead."
    ): (
        "<mark>표시한 것</mark>은 정답 요약과 모델 요약에 함께 있는 것으로, ROUGE-1이 세는 "
        "그대로입니다. 화자와 마스크에는 표시 대신 색을 입혔습니다."
    ),
    "Search for": "찾기",
    "words in dialogue, reference or prediction": "대화, 정답 요약, 모델 요약에 있는 말",
    "all": "전체",
    "any or none": "있든 없든",
    "Order": "차례",
    "lowest score first": "낮은 점수부터",
    "highest score first": "높은 점수부터",
    "as in the file": "파일에 있는 대로",
    "longest dialogue first": "긴 대화부터",
    "Clear": "지우기",
    "The dialogues and charts need JavaScript; nothing is loaded from elsewhere.": (
        "대화와 그래프에는 JavaScript가 필요합니다. 다른 곳에서 불러오는 것은 없습니다."
    ),
    "No dialogue is like that.": "그런 대화는 없습니다.",
    "{n} of {all} dialogues, mean score {mean}": "대화 {all}개 가운데 {n}개, 평균 {mean}점",
    "Show more ({n} left)": "더 보기 ({n}개 남음)",
    "Reference": "정답 요약",
    "Prediction": "모델 요약",
    "Dialogue": "대화",
    # The demo
    "A dialogue, summarized": "대화 요약해 보기",
    "Dialogue: one turn a line, with names or tags": (
        "대화: 한 줄에 한 마디씩, 이름이나 태그를 붙여서"
    ),
    "Summarize": "요약하기",
    "The dialogue cannot be read. Write one turn a line, with a name and a colon before it.": (
        "대화를 읽을 수 없습니다. 한 줄에 한 마디씩, 앞에 이름과 콜론을 붙여 써 주세요."
    ),
    "Beams": "빔 후보",
    "log-probability by length: nearer 0 is surer": (
        "길이로 나눈 로그 확률: 0에 가까울수록 확실합니다"
    ),
    "the summary above": "위의 요약",
    "Sources": "근거",
    "where its numbered morphemes stand": "번호가 붙은 형태소가 나온 자리",
    "turn {n}": "{n}번째 발화",
    "turns {n}": "{n}번째 발화",
    "speaks in {place}": "{place}에서 말함",
    (
        "Note: the model reads {tokens} tokens (tokenize.max_source_tokens): the end of the "
        "first turn was left out."
    ): (
        "주의: 모델은 토큰 {tokens}개까지 읽습니다(tokenize.max_source_tokens). 첫 발화의 "
        "끝부분이 빠졌습니다."
    ),
    (
        "Note: the model reads {tokens} tokens (tokenize.max_source_tokens): the last turn "
        "was left out."
    ): (
        "주의: 모델은 토큰 {tokens}개까지 읽습니다(tokenize.max_source_tokens). 마지막 "
        "발화가 빠졌습니다."
    ),
    (
        "Note: the model reads {tokens} tokens (tokenize.max_source_tokens): the last {n} "
        "turns were left out."
    ): (
        "주의: 모델은 토큰 {tokens}개까지 읽습니다(tokenize.max_source_tokens). 마지막 발화 "
        "{n}개가 빠졌습니다."
    ),
    (
        "Note: the model reads {tokens} tokens (tokenize.max_source_tokens): the end of the "
        "first turn and the last {n} turns were left out."
    ): (
        "주의: 모델은 토큰 {tokens}개까지 읽습니다(tokenize.max_source_tokens). 첫 발화의 "
        "끝부분과 마지막 발화 {n}개가 빠졌습니다."
    ),
    (
        "Note: the model reads {tokens} tokens (tokenize.max_source_tokens): the end of the "
        "first turn and the last turn were left out."
    ): (
        "주의: 모델은 토큰 {tokens}개까지 읽습니다(tokenize.max_source_tokens). 첫 발화의 "
        "끝부분과 마지막 발화가 빠졌습니다."
    ),
}


def saying(language: Language) -> Say:
    """Return the function from an English text and its values to the text in a language.

    >>> saying("ko")("{n} seeds", n=3)
    '시드 3개'
    """
    if language == "en":
        return english
    return lambda text, **values: KOREAN.get(text, text).format(**values)
