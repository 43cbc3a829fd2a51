-- Documents that are written often and searched by nothing: taken apart and put together again they would cost
-- half of what the database does.
alter table pair alter column document type json using document::json;
alter table issue_stamps alter column document type json using document::json;
alter table inbox alter column content type json using content::json;
