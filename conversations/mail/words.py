"""What mail programs write around a person's words, in the languages customers use. All in lower case."""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split("|"))


# "On 3 May 2026 at 10:00, Ada Winter wrote:"
ATTRIBUTION_VERBS = _phrases(
    """
    wrote | writes | sent | schrieb | geschrieben | schreef | het volgende geschreven | a écrit | a ecrit |
    écrit | escribió | ha scritto | scrive | escreveu | va escriure | skrev | skreiv | kirjoitti | napisał |
    napisała | napisał(a) | pisze | napsal | napsala | napsal(a) | napísal | napísala | napísal(a) | написал |
    написала | написал(а) | пишет | писал | написав | пише | yazdı | şunu yazdı | írta | a scris | έγραψε |
    napisao | napisala | je napisal | kirjutas | rašė | rakstīja | đã viết | menulis | 写道 | 寫道 |
    書きました | のメール | 작성 | כתב | כתבה | كتب
    """
)
# Where the name follows the verb: "Am 3. Mai 2026 um 10:00 schrieb Ada Winter:"
VERBS_BEFORE_NAME = _phrases("schrieb | schreef | skrev | skreiv | ha scritto | escreveu | escribió | a écrit")

# "From: … Sent: … To: … Subject: …"
HEADER_ROLES = {
    "from": _phrases(
        """
        from | sender | von | absender | de | expéditeur | da | mittente | van | fra | från | lähettäjä | od |
        nadawca | от | от кого | від | kimden | gönderen | feladó | de la | από | saatja | 差出人 | 发件人 |
        寄件者 | 寄件人 | 보낸 사람 | מאת | من
        """
    ),
    "date": _phrases(
        """
        sent | date | sent on | gesendet | gesendet am | datum | envoyé | envoyé le | date d'envoi | enviado |
        enviado el | fecha | inviato | data | enviado em | enviada em | enviada | verzonden | verzonden op |
        sendt | dato | skickat | lähetetty | päivämäärä | päiväys | wysłano | odesláno | odoslané | dátum |
        отправлено | дата | надіслано | gönderildi | gönderme tarihi | tarih | elküldve | trimis | ημερομηνία |
        στάλθηκε | 送信日時 | 日付 | 发送时间 | 日期 | 寄件日期 | 날짜 | 보낸 날짜
        """
    ),
    "to": _phrases(
        """
        to | an | empfänger | à | pour | destinataire | para | a | aan | til | till | vastaanottaja | do | komu |
        кому | kime | címzett | către | προς | 宛先 | 收件人 | 收件者 | 받는 사람
        """
    ),
    "subject": _phrases(
        """
        subject | betreff | objet | sujet | asunto | oggetto | assunto | onderwerp | emne | ämne | aihe | temat |
        předmět | predmet | тема | konu | tárgy | subiect | θέμα | 件名 | 主题 | 主旨 | 제목
        """
    ),
    "other": _phrases(
        """
        cc | bcc | copie | copia | kopie | kopi | kopia | kopio | копия | копія | bilgi | 抄送 |
        reply-to | répondre à | antwort an | responder a | rispondi a | antwoord aan | svar til | svara till |
        attachments | anlagen | importance | organization | vedhæftet | allegati | adjuntos | bijlagen
        """
    ),
}

# "-----Original Message-----", "---------- Forwarded message ----------"
SEPARATORS = _phrases(
    """
    original message | original appointment | forwarded message | forwarded by | ursprüngliche nachricht |
    originalnachricht | weitergeleitete nachricht | message d'origine | message d’origine | message original |
    message transféré | message réexpédié | mensaje original | mensaje reenviado | messaggio originale |
    messaggio inoltrato | mensagem original | mensagem encaminhada | mensagem reencaminhada |
    oorspronkelijk bericht | doorgestuurd bericht | oprindelig meddelelse | oprindelig besked |
    videresendt meddelelse | videresendt besked | opprinnelig melding | videresendt melding |
    ursprungligt meddelande | originalmeddelande | vidarebefordrat meddelande | alkuperäinen viesti |
    välitetty viesti | wiadomość oryginalna | oryginalna wiadomość | przekazana wiadomość | původní zpráva |
    přeposlaná zpráva | pôvodná správa | исходное сообщение | пересылаемое сообщение | orijinal ileti |
    özgün ileti | iletilen ileti | eredeti üzenet | továbbított üzenet | mesaj original | mesaj redirecționat |
    αρχικό μήνυμα | 元のメッセージ | 転送メッセージ | 原始邮件 | 原始郵件 | 转发的邮件 | 원본 메시지
    """
)

# Apple Mail and others put these on a line of their own, without dashes.
FORWARD_OPENINGS = _phrases(
    """
    begin forwarded message | forwarded message | anfang der weitergeleiteten nachricht |
    anfang der weitergeleiteten e-mail | début du message réexpédié | début du message transféré |
    inicio del mensaje reenviado | inizio messaggio inoltrato | início da mensagem encaminhada |
    início da mensagem reencaminhada | begin doorgestuurd bericht | start på videresendt besked |
    videresendt melding | vidarebefordrat brev | vidarebefordrat mejl | välitetty viesti alkaa |
    początek przekazywanej wiadomości | začátek přeposílané zprávy | начало переадресованного сообщения |
    начало переадресованного письма | iletilen ileti başlangıcı | továbbított levél kezdete
    """
)

# Alone on a line, these close a mail.
CLOSINGS = _phrases(
    """
    regards | best regards | kind regards | warm regards | warmest regards | with best regards | many regards |
    with kind regards | best wishes | with best wishes | all the best | best | kindest regards | sincerely |
    sincerely yours | yours sincerely | yours truly | yours faithfully | respectfully | cheers | cordially | br |
    rgds | kr | take care | have a nice day | have a great day | warmly | yours | brgds | wishes |
    mit freundlichen grüßen | mit freundlichen grüssen | mit freundlichen gruessen | mit freundlichem gruß |
    freundliche grüße | freundliche grüsse | viele grüße | viele grüsse | beste grüße | beste grüsse |
    liebe grüße | schöne grüße | herzliche grüße | gruß | grüße | grüsse | mfg | lg | vg | hochachtungsvoll |
    cordialement | bien cordialement | très cordialement | salutations | bien à vous | meilleures salutations |
    sincères salutations | bonne journée | bien à toi | cdlt | saludos | un saludo | saludos cordiales |
    cordialmente | atentamente | un cordial saludo | atte | cordiali saluti | distinti saluti | saluti |
    un saluto | cordialità | buona giornata | atenciosamente | cumprimentos | com os melhores cumprimentos |
    melhores cumprimentos | abraços | att | met vriendelijke groet | met vriendelijke groeten |
    vriendelijke groet | vriendelijke groeten | groet | groeten | hartelijke groet | mvg | hoogachtend |
    med venlig hilsen | venlig hilsen | hilsen | mvh | dbh | kh | bedste hilsner | de bedste hilsner |
    med vennlig hilsen | vennlig hilsen | beste hilsen | med vänliga hälsningar | med vänlig hälsning |
    vänliga hälsningar | vänligen | hälsningar | bästa hälsningar | ystävällisin terveisin | terveisin |
    ystävällisesti | parhain terveisin | terv | pozdrawiam | z poważaniem | z wyrazami szacunku |
    pozdrawiam serdecznie | s pozdravem | s úctou | s pozdravom | с уважением | с наилучшими пожеланиями |
    з повагою | saygılarımla | iyi çalışmalar | üdvözlettel | tisztelettel | cu stimă | cu respect | με εκτίμηση |
    lep pozdrav | s poštovanjem | 敬具 | よろしくお願いいたします | 以上、よろしくお願いいたします | 此致 | 敬上
    """
)

# These close a mail only with a name below: alone they are words to the reader.
THANKS = _phrases(
    """
    thanks | many thanks | thank you | thanks a lot | thank you very much | thanks so much | thx | ty |
    thanks in advance | thank you in advance | thanks and regards | thanks & regards | with thanks |
    thanks and best regards | thanks again | thank you again | much appreciated | danke | vielen dank |
    besten dank | herzlichen dank | danke im voraus | vielen dank im voraus | merci | merci d'avance |
    merci beaucoup | gracias | muchas gracias | grazie | grazie mille | obrigado | obrigada | muito obrigado |
    bedankt | alvast bedankt | dank u | tak | på forhånd tak | takk | tack | tack på förhand | kiitos | dziękuję |
    děkuji | ďakujem | спасибо | дякую | teşekkürler | köszönöm | mulțumesc | ευχαριστώ | hvala
    """
)

# "Sent from my iPhone", "Get Outlook for Android": one of the first and one of the second.
SENT_FROM = _phrases(
    """
    sent from | sent via | sent using | sent with | get outlook for | via mobile | gesendet von | gesendet mit |
    von meinem | diese nachricht wurde von meinem | envoyé de | envoyé depuis | envoyé à partir |
    télécharger outlook | enviado desde | enviado do | enviado de | enviado a partir | obtener outlook |
    obter o outlook | inviato da | scarica outlook | ottieni outlook | verzonden vanaf | verstuurd vanaf |
    verzonden met | download outlook | sendt fra | hent outlook | skickat från | skickades från | hämta outlook |
    lähetetty | wysłane z | wysłano z | odesláno z | odoslané z | отправлено с | отправлено из | надіслано з |
    gönderildi | küldve | trimis de | trimis din | iphoneから送信 | 发自我的 | 發自我的 | 내 iphone에서
    """
)
DEVICES = _phrases(
    """
    iphone | ipad | ipod | android | samsung | galaxy | blackberry | htc | nokia | huawei | xiaomi | pixel |
    mobile | phone | smartphone | handy | mobil | móvil | celular | portable | telefon | téléphone | mobiel |
    outlook | mail | gmail | yahoo | windows | mailbox | tablet | workspace | sparrow | proton | thunderbird |
    device | gerät | dispositivo | puhelin | телефон | acompli | spark | hey | телефона | app | gmx | web.de
    """
)
