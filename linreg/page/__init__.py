"""All that knows Streamlit, in floors: browser, html and server; session; controls; parts."""
