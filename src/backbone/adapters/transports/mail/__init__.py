"""Parcels as attachments of mails: sent by SMTP, fetched by IMAP or POP3 from a mailbox that people may use, too."""
