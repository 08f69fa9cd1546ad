"""Tiny pretrained folders of BERT twice over, and of one BERT, which is not trained here."""

from pathlib import Path

from tests.model.folders import save_model
from tests.model.vocabularies import Texts, wordpieces

BERT = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}


def bert2bert(folder: Path, texts: Texts) -> None:
    """Write two BERTs, one that reads and one that writes: `[CLS] … [SEP]`."""
    from transformers import BertConfig, EncoderDecoderConfig, EncoderDecoderModel

    rows = _save_bert_tokenizer(folder, texts)
    config = EncoderDecoderConfig.from_encoder_decoder_configs(
        BertConfig(vocab_size=rows, **BERT), BertConfig(vocab_size=rows, **BERT)
    )
    config.decoder_start_token_id, config.eos_token_id, config.pad_token_id = 2, 3, 0
    save_model(EncoderDecoderModel, config, folder)


def bert(folder: Path, texts: Texts) -> None:
    """Write BERT, which only reads."""
    from transformers import BertConfig, BertForMaskedLM

    rows = _save_bert_tokenizer(folder, texts)
    save_model(BertForMaskedLM, BertConfig(vocab_size=rows, **BERT), folder)


def _save_bert_tokenizer(folder: Path, texts: Texts) -> int:
    """Write the tokenizer and return how many tokens it has."""
    from transformers import BertTokenizer

    tokenizer = BertTokenizer(vocab=wordpieces(texts), do_lower_case=False)
    tokenizer.save_pretrained(folder)
    return len(tokenizer)
