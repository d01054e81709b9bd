#!/usr/bin/env python3
"""Makes Pinyin.txt from Unihan: `python3 pinyin.py Unihan_Readings.txt Unihan_OtherMappings.txt > Pinyin.txt`.

The two files are in Debian's package unicode-data 15.0.0-1 (bzip2). Unihan is under the Unicode License v3
(https://www.unicode.org/license.txt), which allows use and redistribution with its notice; the notice is in Pinyin.txt.
Each character of the URO block and of the General Standard Chinese Characters (kTGH) gets its customary reading
(kMandarin, the first), without tone. Below `more` stand the further readings that the dictionary of the general standard
(kTGHZ2013) knows. The readings of surnames that differ are written by hand below.
"""
import sys
import unicodedata

SURNAMES = """
区 ou 单 shan 解 xie 仇 qiu 曾 zeng 朴 piao 查 zha 缪 miao 翟 zhai 乐 yue 任 ren 华 hua 纪 ji 宁 ning 覃 qin 冼 xian
员 yun 繁 po 秘 bi 牟 mou 祭 zhai 黑 he 折 she 种 chong 重 chong 那 na 盖 ge 葛 ge 燕 yan 车 che 卜 bu 宓 mi 臧 zang
逄 pang 召 shao 隗 wei 角 jue 佴 nai 句 gou 谌 chen 曲 qu 石 shi 应 ying 郇 xun 长 zhang 适 kuo 於 yu 冯 feng 贾 jia
沈 shen 洗 xian 尉 wei 令 ling 万 wan 俟 qi 澹 tan 台 tai 鲜 xian 相 xiang 过 guo 撒 sa 尹 yin 柏 bai 费 fei 薄 bo
车 che 强 qiang 晟 cheng 哈 ha 钭 tou 阚 kan 都 du 娄 lou 干 gan 莘 shen 幺 yao 俞 yu 尉迟 yu'chi 万俟 mo'qi 单于 chan'yu
长孙 zhang'sun 令狐 ling'hu 澹台 tan'tai 欧阳 ou'yang 司马 si'ma 上官 shang'guan 诸葛 zhu'ge 司徒 si'tu 夏侯 xia'hou 皇甫 huang'fu
慕容 mu'rong 东方 dong'fang 宇文 yu'wen 公孙 gong'sun 轩辕 xuan'yuan 端木 duan'mu 百里 bai'li 东郭 dong'guo 南宫 nan'gong
呼延 hu'yan 闻人 wen'ren 申屠 shen'tu 太史 tai'shi 钟离 zhong'li 独孤 du'gu 拓跋 tuo'ba 鲜于 xian'yu 司空 si'kong 西门 xi'men
""".split()


def plain(reading):
    """Without tone; ü is v, as on a keyboard."""
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(c for c in letters if "a" <= c <= "z")


def main(readings, mappings):
    customary, more, general = {}, {}, set()
    for line in open(mappings, encoding="utf-8"):
        parts = line.rstrip("\n").split("\t")
        if len(parts) == 3 and parts[1] == "kTGH":
            general.add(int(parts[0][2:], 16))
    for line in open(readings, encoding="utf-8"):
        parts = line.rstrip("\n").split("\t")
        if len(parts) != 3 or line.startswith("#"):
            continue
        code = int(parts[0][2:], 16)
        if not (0x4E00 <= code <= 0x9FFF or code in general):
            continue
        if parts[1] == "kMandarin":
            customary[code] = plain(parts[2].split(" ")[0])
        if parts[1] == "kTGHZ2013":
            found = [plain(r) for entry in parts[2].split(" ") for r in entry.split(":")[1].split(",")]
            more[code] = [r for i, r in enumerate(found) if r and r not in found[:i]]
    print("# Pinyin without tones. Made by pinyin.py from Unihan 15.0.0; do not edit.")
    print("# Unihan: Copyright (c) 1991-2022 Unicode, Inc. Unicode License v3, https://www.unicode.org/license.txt")
    print("customary")
    table(customary.items())
    print("more")
    table((c, r) for c, rs in more.items() for r in rs if r != customary.get(c))
    print("surnames")
    table_of_words(zip(SURNAMES[::2], SURNAMES[1::2]), customary)


def table(pairs):
    lines = {}
    for code, reading in pairs:
        lines.setdefault(reading, []).append(chr(code))
    for reading in sorted(lines):
        print(reading, "".join(sorted(lines[reading])))


def table_of_words(pairs, customary):
    seen = set()
    for word, reading in pairs:
        if word in seen:
            continue
        seen.add(word)
        if "'".join(customary.get(ord(c), "?") for c in word) != reading:
            print(reading, word)


main(*sys.argv[1:3])
