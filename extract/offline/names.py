"""Which labels a field may have in a text: words of three languages for the fields that records usually have."""

from __future__ import annotations

from .facts import words_of

SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(word for entry in group.split() for word in (entry, *words_of(entry)))
    for group in (
        "name fullname full_name 姓名 名字 名称 vorname nachname candidate person contact ansprechpartner kontakt 联系人",
        "title titel subject betreff headline 标题 主题 überschrift topic thema event veranstaltung 活动",
        "date datum day tag 日期 时间 when wann issued ausgestellt held published",
        "total sum gesamt gesamtbetrag summe gesamtsumme endbetrag rechnungsbetrag amount betrag 合计 总计 总额 总价 金额",
        "subtotal netto nettobetrag zwischensumme net 小计",
        "tax vat mwst ust umsatzsteuer mehrwertsteuer steuer 税 税额 增值税",
        "price preis einzelpreis stückpreis cost kosten 价格 单价 售价",
        "quantity qty menge anzahl stück count 数量",
        "description beschreibung artikel article bezeichnung leistung item position produkt product what 描述 说明 品名 产品 商品",
        "number nummer nr no id idnr code 编号 号码 号",
        "invoice rechnung rechnungsnummer bill 发票 发票号码 发票编号",
        "order bestellung auftrag bestellnummer auftragsnummer 订单 订单号 订单编号",
        "customer client kunde kundin buyer käufer recipient empfänger 客户 购买方 买方 收件人",
        "seller supplier vendor lieferant verkäufer merchant händler issuer from absender 供应商 销售方 卖方 商家 发件人",
        "address adresse anschrift 地址 住址",
        "street straße strasse 街道",
        "city stadt ort town 城市",
        "postcode postal zip plz postleitzahl 邮编",
        "country land 国家",
        "email mail e-mail 邮箱 电子邮件 邮件",
        "phone telephone tel telefon mobile handy 电话 手机",
        "website url web link homepage 网站 网址 链接",
        "company firma organisation organization unternehmen employer arbeitgeber 公司 单位",
        "position role rolle job stelle beruf 职位 职务",
        "location ort place venue where wo veranstaltungsort 地点 位置",
        "author autor autoren authors verfasser 作者",
        "due fällig fälligkeit fälligkeitsdatum zahlbar deadline frist 到期 截止",
        "brand marke manufacturer hersteller 品牌 制造商",
        "status state zustand 状态",
        "priority priorität 优先级",
        "category kategorie art type typ 类别 类型",
        "attendees participants teilnehmer teilnehmende anwesend present 参会 与会人员 参加人员 出席",
        "skills kenntnisse fähigkeiten 技能",
        "language languages sprache sprachen 语言",
        "education ausbildung studium bildung 教育",
        "experience erfahrung berufserfahrung 经验 经历",
        "currency währung 货币 币种",
        "summary zusammenfassung abstract überblick 摘要 概要 总结",
        "payment zahlung bezahlt paid 付款 支付",
        "rating bewertung 评分",
        "weight gewicht 重量",
        "size größe maße dimensions 尺寸 大小",
        "colour color farbe 颜色",
        "stock lager lagerbestand verfügbar availability available 库存",
        "warranty garantie 保修",
        "age alter 年龄",
        "birthday birth geburtsdatum geboren 出生日期 生日",
        "owner assignee zuständig verantwortlich responsible 负责人",
        "action actions aufgaben aufgabe todo task tasks 行动 任务 待办",
        "decision decisions beschlüsse beschluss entscheidungen 决定 决议",
        "start begin beginn begins ab 开始",
        "end ende ends bis 结束",
    )
)
PLAIN = frozenset(
    """
    the of a an in on am at for to and or der die das des dem und für von zu as is be if it its this that with
    value text
    """.split()  # noqa: SIM905 - one word a line would fill a page
)


def score(field: str, description: str, label: str) -> float:
    """How well a label names a field: 0 (not at all) to 3 (the same words)."""
    wanted, found = words_of(field), words_of(label)
    if not wanted or not found:
        return 0.0
    if wanted == found or "".join(wanted) == "".join(found):
        return 3.0
    bare = [word for word in wanted if word not in PLAIN] or list(wanted)
    told = [word for word in words_of(description)[:12] if word not in PLAIN and word not in bare]
    matched = [word for word in bare if any(is_same(word, other) for other in found)]
    if not matched:
        return 0.0  # a description alone names too much: "Total without tax" is no label for the total
    extra = [word for word in found if word not in PLAIN and not any(is_same(word, other) for other in (*bare, *told))]
    if extra and len(matched) < len(bare):
        return 0.0  # `vat_id` is not the "Invoice number", nor `delivery_date` the "Order date"
    hint = 0.5 if any(is_same(word, other) for word in told for other in found) else 0.0
    return 2.0 * len(matched) / len(bare) - 0.25 * len(extra) + hint


def is_same(word: str, other: str) -> bool:
    """Whether two words mean the same: equal, one form of the other, or of one group of synonyms."""
    if word == other or (min(len(word), len(other)) >= 4 and (word.startswith(other) or other.startswith(word))):
        return True
    return any((word in group) and _in(other, group) for group in SYNONYMS if _in(word, group))


def _in(word: str, group: frozenset[str]) -> bool:
    if word in group:
        return True
    if not word.isascii():
        return any(not entry.isascii() and len(entry) >= 2 and entry in word for entry in group)
    return any(len(entry) >= 5 and word.endswith(entry) for entry in group)


def means(field: str, *meanings: str) -> bool:
    """Whether one of a field's words is one of these, or of their group."""
    return any(is_same(word, meaning) for word in words_of(field) for meaning in meanings)
